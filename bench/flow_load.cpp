// Measures a running senseflow from outside: user events in by UDP, MQTT messages out at a subscriber. Prints
// one line of JSON: events sent, messages received, lost, latency from sending to arrival, CPU and memory.
// Ends by itself.
#include "bench/event_generator/generator.hpp"
#include "bench/sense_site/histogram.hpp"

#include <CLI/CLI.hpp>
#include <mosquitto.h>
#include <nlohmann/json.hpp>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <mutex>
#include <sstream>
#include <string>
#include <thread>

#include <unistd.h>

namespace {

using namespace senseflow;
using namespace std::chrono_literals;
using clock_type = std::chrono::system_clock;

struct arrivals {
  std::mutex mutex;
  bench::histogram latency;
  std::atomic<uint64_t> count{0};
  std::atomic<bool> subscribed{false};
};

void on_message(mosquitto*, void* self, const mosquitto_message* m) {
  auto now = std::chrono::duration_cast<std::chrono::microseconds>(clock_type::now().time_since_epoch());
  auto& x = *static_cast<arrivals*>(self);
  std::string_view payload{static_cast<const char*>(m->payload), static_cast<size_t>(m->payloadlen)};
  auto at = payload.find(" at ");
  if (at != payload.npos) {
    auto sent = std::chrono::microseconds{std::strtoll(payload.data() + at + 4, nullptr, 10)};
    std::lock_guard lock{x.mutex};
    x.latency.add(now - sent);
  }
  ++x.count;
}

void on_subscribe(mosquitto*, void* self, int, int, const int*) {
  static_cast<arrivals*>(self)->subscribed = true;
}

bool wait_until(const std::function<bool()>& done, std::chrono::milliseconds limit) {
  auto deadline = clock_type::now() + limit;
  while (!done()) {
    if (clock_type::now() > deadline) return false;
    std::this_thread::sleep_for(5ms);
  }
  return true;
}

/// User and system time of the process so far.
double cpu_seconds(const std::string& pid) {
  std::ifstream in{"/proc/" + pid + "/stat"};
  std::string text{std::istreambuf_iterator<char>{in}, {}};
  std::istringstream fields{text.substr(text.rfind(')') + 2)};
  std::string skipped;
  for (int i = 0; i < 11; ++i) fields >> skipped;
  double user = 0;
  double system = 0;
  fields >> user >> system;
  return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

double memory_mb(const std::string& pid, const std::string& key) {
  std::ifstream in{"/proc/" + pid + "/status"};
  for (std::string line; std::getline(in, line);)
    if (line.rfind(key + ":", 0) == 0) return std::strtod(line.c_str() + key.size() + 1, nullptr) / 1024;
  return 0;
}

} // namespace

int main(int argc, char** argv) {
  CLI::App app{"Sends user events to a running senseflow and measures what arrives at a subscriber"};
  uint16_t broker_port = 0;
  std::string pid;
  int seconds = 0;
  bench::generator_options g;
  app.add_option("BROKER-PORT", broker_port, "of the broker that senseflow publishes to")->required();
  app.add_option("UDP-PORT", g.user_port, "where senseflow takes user events")->required();
  app.add_option("PID", pid, "of senseflow")->required();
  app.add_option("RATE", g.rate, "events per second")->required();
  app.add_option("SECONDS", seconds, "how long to send")->required();
  CLI11_PARSE(app, argc, argv);
  g.sources = {bench::event_source::user};
  g.duration = std::chrono::seconds{seconds};
  g.hosts = 20;
  g.size = 400;

  mosquitto_lib_init();
  arrivals seen;
  auto* client = mosquitto_new(nullptr, true, &seen);
  mosquitto_message_callback_set(client, on_message);
  mosquitto_subscribe_callback_set(client, on_subscribe);
  if (mosquitto_connect(client, "127.0.0.1", broker_port, 60) != MOSQ_ERR_SUCCESS) {
    std::cerr << "no broker at port " << broker_port << "\n";
    return 1;
  }
  mosquitto_loop_start(client);
  mosquitto_subscribe(client, nullptr, "butler-sos/userevent/#", 0);
  if (!wait_until([&] { return seen.subscribed.load(); }, 5s)) return 1;

  auto cpu = cpu_seconds(pid);
  std::atomic<bool> stop{false};
  auto sent = bench::run_generator(g, stop);
  // Two topics an event: `userevent` itself and the command's.
  auto expected = 2 * sent.total;
  auto complete = wait_until([&] { return seen.count >= expected; }, 10s);
  cpu = cpu_seconds(pid) - cpu;

  auto ms = [](std::chrono::microseconds x) { return static_cast<double>(x.count()) / 1000; };
  nlohmann::ordered_json out;
  out["rate"] = g.rate;
  out["seconds"] = sent.seconds;
  out["events"] = sent.total;
  out["messages"] = seen.count.load();
  out["missing"] = complete ? 0 : expected - seen.count;
  {
    std::lock_guard lock{seen.mutex};
    out["latency_ms"] = {{"p50", ms(seen.latency.quantile(0.5))}, {"p99", ms(seen.latency.quantile(0.99))}};
  }
  out["cpu_seconds_per_100000_events"] = cpu / static_cast<double>(sent.total) * 100'000;
  out["memory_mb"] = {{"now", memory_mb(pid, "VmRSS")}, {"peak", memory_mb(pid, "VmHWM")}};
  std::cout << out.dump() << std::endl;
  mosquitto_disconnect(client);
  mosquitto_loop_stop(client, false);
  mosquitto_destroy(client);
  mosquitto_lib_cleanup();
  return 0;
}

// poll_load: asks the health of every server of a sense_site at a steady interval, spread evenly, over kept
// connections, and prints one line of JSON: what the site can serve, measured without
// senseflow. One thread, libcurl.
#include <CLI/CLI.hpp>
#include <curl/curl.h>
#include <nlohmann/json.hpp>

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <fstream>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using clock_type = std::chrono::steady_clock;
using std::chrono::nanoseconds;

volatile std::sig_atomic_t stop = 0;
void on_signal(int) { stop = 1; }

struct settings {
  std::string site_file; ///< first line: what sense_site printed at its start
  double interval_ms = 1000;
  double seconds = 10;
};

struct easy_closer {
  void operator()(CURL* x) const { curl_easy_cleanup(x); }
};
struct multi_closer {
  void operator()(CURLM* x) const { curl_multi_cleanup(x); }
};

size_t count_bytes(char*, size_t size, size_t count, void* total) {
  *static_cast<uint64_t*>(total) += size * count;
  return size * count;
}

class load {
public:
  load(const nlohmann::json& site, const settings& s)
      : settings_(s), multi_(curl_multi_init()), last_started_(site.at("servers").size()),
        running_(site.at("servers").size()) {
    const auto certificates = site.at("certs").get<std::string>();
    // Otherwise libcurl closes idle connections beyond four times the running ones.
    curl_multi_setopt(multi_.get(), CURLMOPT_MAXCONNECTS, static_cast<long>(running_.size()) + 16);
    for (const auto& server : site.at("servers")) {
      auto* easy = easies_.emplace_back(curl_easy_init()).get();
      const auto url = "https://127.0.0.1:" + server.at("port").dump() + "/engine/healthcheck";
      curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
      curl_easy_setopt(easy, CURLOPT_CAINFO, (certificates + "/root.pem").c_str());
      curl_easy_setopt(easy, CURLOPT_SSLCERT, (certificates + "/client.pem").c_str());
      curl_easy_setopt(easy, CURLOPT_SSLKEY, (certificates + "/client_key.pem").c_str());
      curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip");
      curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, 5000L);
      curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, count_bytes);
      curl_easy_setopt(easy, CURLOPT_WRITEDATA, &bytes_);
      curl_easy_setopt(easy, CURLOPT_PRIVATE, reinterpret_cast<char*>(easies_.size() - 1));
    }
  }

  ~load() {
    for (size_t i = 0; i < easies_.size(); ++i)
      if (running_[i]) curl_multi_remove_handle(multi_.get(), easies_[i].get());
  }

  nlohmann::ordered_json run() {
    connect();
    const auto begin = clock_type::now();
    const double cpu_before = cpu_seconds();
    const auto end = begin + nanoseconds{static_cast<int64_t>(settings_.seconds * 1e9)};
    // The k-th request is due at begin + k * gap, at server k modulo their number.
    const auto gap = nanoseconds{static_cast<int64_t>(settings_.interval_ms * 1e6 / double(easies_.size()))};
    uint64_t next = 0;
    for (auto now = begin; now < end && !stop; now = clock_type::now()) {
      for (; gap.count() > 0 && begin + next * gap <= now; ++next) start(next % easies_.size());
      perform();
      if (gap.count() == 0)
        for (size_t i = 0; i < running_.size(); ++i)
          if (!running_[i]) start(i);
      const auto wait =
          gap.count() > 0 ? begin + next * gap - clock_type::now() : std::chrono::milliseconds{100};
      const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(wait).count();
      wait_for_answers(static_cast<int>(std::clamp<int64_t>(ms, 0, 100)));
    }
    return summary(std::chrono::duration<double>(clock_type::now() - begin).count(),
                   cpu_seconds() - cpu_before);
  }

private:
  /// Asks every server once, a few at a time: a thousand handshakes at once would
  /// measure nothing but themselves.
  void connect() {
    constexpr size_t at_once = 8;
    const auto begin = clock_type::now();
    for (size_t next = 0; !stop && (next < easies_.size() || active_ > 0);) {
      while (next < easies_.size() && active_ < at_once) start(next++);
      perform();
      wait_for_answers(100);
    }
    if (latencies_.size() < easies_.size())
      throw std::runtime_error("not every server answered: does the site run?");
    connect_seconds_ = std::chrono::duration<double>(clock_type::now() - begin).count();
    latencies_.clear();
    bytes_ = connections_ = 0;
  }

  void perform() {
    int active = 0;
    curl_multi_perform(multi_.get(), &active);
    collect();
  }

  void wait_for_answers(int ms) { curl_multi_poll(multi_.get(), nullptr, 0, ms, nullptr); }

  static double cpu_seconds() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
  }

  void start(size_t server) {
    if (running_[server]) {
      ++skipped_;
      return;
    }
    running_[server] = true;
    ++active_;
    last_started_[server] = clock_type::now();
    curl_multi_add_handle(multi_.get(), easies_[server].get());
  }

  void collect() {
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      CURL* easy = message->easy_handle;
      const auto result = message->data.result;
      char* number = nullptr;
      long status = 0, opened = 0;
      curl_easy_getinfo(easy, CURLINFO_PRIVATE, &number);
      curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
      curl_easy_getinfo(easy, CURLINFO_NUM_CONNECTS, &opened);
      curl_multi_remove_handle(multi_.get(), easy);
      const auto server = reinterpret_cast<size_t>(number);
      running_[server] = false;
      --active_;
      connections_ += static_cast<uint64_t>(opened);
      if (result == CURLE_OK && status == 200)
        latencies_.push_back(
            std::chrono::duration<double, std::milli>(clock_type::now() - last_started_[server]).count());
      else
        ++failed_;
    }
  }

  nlohmann::ordered_json summary(double seconds, double cpu) {
    std::sort(latencies_.begin(), latencies_.end());
    const auto quantile = [this](double part) {
      return latencies_.empty() ? 0 : latencies_[static_cast<size_t>(part * double(latencies_.size() - 1))];
    };
    return {{"servers", easies_.size()},
            {"answered", latencies_.size()},
            {"failed", failed_},
            {"skipped", skipped_},
            {"connect_seconds", connect_seconds_},
            {"reconnects", connections_},
            {"seconds", seconds},
            {"per_second", double(latencies_.size()) / seconds},
            {"bytes", bytes_},
            {"latency_ms", {{"p50", quantile(0.5)}, {"p99", quantile(0.99)}, {"max", quantile(1)}}},
            {"own_cpu_seconds", cpu}};
  }

  const settings& settings_;
  std::unique_ptr<CURLM, multi_closer> multi_;
  std::vector<std::unique_ptr<CURL, easy_closer>> easies_;
  std::vector<clock_type::time_point> last_started_;
  std::vector<bool> running_;
  std::vector<double> latencies_; ///< ms
  size_t active_ = 0;
  double connect_seconds_ = 0;
  uint64_t failed_ = 0, skipped_ = 0, connections_ = 0, bytes_ = 0;
};

nlohmann::json read_site(const std::string& path) {
  std::ifstream in{path};
  std::string line;
  if (!std::getline(in, line))
    throw std::runtime_error("cannot read " + path + ": write sense_site's output there");
  return nlohmann::json::parse(line);
}

} // namespace

int main(int argc, char** argv) {
  CLI::App app{"Polls the servers of a sense_site and prints what it measured"};
  settings s;
  app.add_option("SITE", s.site_file, "file with the line that sense_site printed")->required();
  app.add_option("--interval", s.interval_ms, "ms between requests to one server; 0: the next one at once")
      ->capture_default_str();
  app.add_option("--duration", s.seconds, "seconds")->check(CLI::Range(0.1, 3600.0))->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  std::signal(SIGINT, on_signal);
  std::signal(SIGTERM, on_signal);
  curl_global_init(CURL_GLOBAL_DEFAULT);
  try {
    std::cout << load{read_site(s.site_file), s}.run().dump() << std::endl;
  } catch (const std::exception& e) {
    std::cerr << "poll_load: " << e.what() << '\n';
    return 1;
  }
}

// poll_watch: asks a running sense_site every second what has arrived, and prints one line of JSON for each:
// health requests answered, connections opened, handshakes that failed, requests that clients gave up.
#include <CLI/CLI.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <nlohmann/json.hpp>

#include <chrono>
#include <exception>
#include <iostream>
#include <stdexcept>
#include <string>
#include <thread>

namespace {

namespace asio = boost::asio;
using asio::local::stream_protocol;
using json = nlohmann::ordered_json;

class control {
public:
  explicit control(const std::string& path) { socket_.connect(stream_protocol::endpoint{path}); }

  json ask(const std::string& command) {
    asio::write(socket_, asio::buffer(command + "\n"));
    const auto length = asio::read_until(socket_, asio::dynamic_buffer(input_), '\n');
    auto answer = json::parse(input_.substr(0, length));
    input_.erase(0, length);
    if (!answer.at("ok").get<bool>()) throw std::runtime_error(answer.at("error").get<std::string>());
    return answer;
  }

private:
  asio::io_context io_;
  stream_protocol::socket socket_{io_};
  std::string input_;
};

} // namespace

int main(int argc, char** argv) {
  CLI::App app{"Prints once a second what arrived at a sense_site"};
  std::string path, first;
  int seconds = 20;
  app.add_option("SOCKET", path, "control socket of the site")->required();
  app.add_option("--seconds", seconds, "how long")->check(CLI::Range(1, 3600))->capture_default_str();
  app.add_option("--first", first, "only carry out this command of the site");
  CLI11_PARSE(app, argc, argv);
  try {
    control site{path};
    if (!first.empty()) {
      site.ask(first);
      return 0;
    }
    site.ask(R"({"stats":true,"reset":true})");
    auto next = std::chrono::steady_clock::now();
    for (int second = 1; second <= seconds; ++second) {
      std::this_thread::sleep_until(next += std::chrono::seconds{1});
      const auto all = site.ask(R"({"stats":true,"reset":true})");
      const auto& x = all.at("overall");
      std::cout << json{{"second", second},
                        {"answered", x.at("answered")},
                        {"connections", x.at("connections")},
                        {"failed_handshakes", x.at("failed_handshakes")},
                        {"abandoned", x.at("abandoned")}}
                       .dump()
                << std::endl;
    }
  } catch (const std::exception& e) {
    std::cerr << "poll_watch: " << e.what() << '\n';
    return 1;
  }
}

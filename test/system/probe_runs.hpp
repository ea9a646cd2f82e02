// `senseflow probe` as a process of its own, and what it found.
#pragma once

#include "bench/certificates.hpp"
#include "test/support/child_process.hpp"
#include "test/support/paths.hpp"
#include "test/support/slowdown.hpp"
#include "test/support/temp_dir.hpp"
#include "test/support/unit_test.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <fstream>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

namespace senseflow::test {

struct probe_run {
  int code = -1;
  std::chrono::milliseconds took{0};
  nlohmann::json report;

  /// The findings of this subject (its beginning) with this code.
  bool found(const std::string& subject, const std::string& finding) const {
    for (const auto& x : report.at("checks"))
      if (x.at("subject").get<std::string>().rfind(subject, 0) == 0 && x.at("code") == finding) return true;
    return false;
  }
  /// "subject: code" of all that is not good.
  std::set<std::string> troubles() const {
    std::set<std::string> result;
    for (const auto& x : report.at("checks"))
      if (x.at("code") != "")
        result.insert(x.at("subject").get<std::string>() + ": " + x.at("code").get<std::string>());
    return result;
  }
  std::string text_of(const std::string& subject, const std::string& check) const {
    for (const auto& x : report.at("checks"))
      if (x.at("subject").get<std::string>().rfind(subject, 0) == 0 &&
          x.at("check").get<std::string>().rfind(check, 0) == 0)
        return x.at("fact").get<std::string>() + x.at("cause").get<std::string>();
    return {};
  }
};

/// Every trouble comes with a cause and a next step, or it throws.
inline probe_run run_probe(const temp_dir& directory, const std::string& configuration,
                           std::vector<std::string> more = {}, std::vector<std::string> wrapper = {}) {
  const auto file = directory / "probe.yaml";
  std::ofstream{file} << configuration;
  auto command = std::move(wrapper);
  command.insert(command.end(), {binary_path("senseflow"), "probe", "--json", "-c", file});
  command.insert(command.end(), more.begin(), more.end());
  const auto start = std::chrono::steady_clock::now();
  child_process p{command};
  probe_run result;
  result.code = p.wait(std::chrono::seconds(60) * slowdown).value_or(-1);
  result.took =
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start);
  const auto text = p.output();
  result.report = nlohmann::json::parse(text, nullptr, false);
  if (!result.report.is_object()) throw std::runtime_error("no report: " + text);
  for (const auto& x : result.report.at("checks"))
    if (const auto bad = x.at("result"); bad == "failed" || bad == "warning")
      for (const auto* key : {"code", "cause", "next"})
        if (x.at(key).get<std::string>().empty())
          throw std::runtime_error(std::string{key} + " is missing: " + x.dump());
  return result;
}

/// A configuration and certificates, good and bad ones, to make faults with.
struct probe_fixture {
  temp_dir directory;
  std::string pki = directory / "pki";

  probe_fixture() {
    bench::certificate_options o;
    o.wrong_ca = o.expired_client = o.expired_server = true;
    bench::make_certificates(pki, o);
  }

  std::string certificates(const std::string& client = "client",
                           const std::string& authority = "root") const {
    return "  cert: {clientCert: " + pki + "/" + client + ".pem, clientCertKey: " + pki + "/" + client +
           "_key.pem, clientCertCA: " + pki + "/" + authority + ".pem}\n";
  }

  /// `mqtt`: further entries of mqttConfig, flow style; `more`: further sections, indented by two.
  std::string file(uint16_t broker, const std::string& mqtt = "", const std::string& more = "") const {
    return "Butler-SOS:\n  node: probed\n  mqttConfig: {enable: true, brokerHost: 127.0.0.1, brokerPort: " +
           std::to_string(broker) + ", baseTopic: base/" + (mqtt.empty() ? "" : ", " + mqtt) +
           "}\n  layouts: {butlerSos: false}\n  actors: {pollers: {timeout: 3000}}\n" +
           (more.find("  delivery:") == std::string::npos
                ? "  delivery: {spool: {path: " + (directory / "spool") + ", minFreeBytes: 0}}\n"
                : "") +
           more;
  }

  struct server {
    std::string name, host, more = {};
  };
  static std::string servers(const std::vector<server>& all) {
    std::string result = "  serversToMonitor:\n    servers:\n";
    for (const auto& x : all)
      result += "      - {serverName: " + x.name + ", host: '" + x.host + "'" +
                (x.more.empty() ? "" : ", " + x.more) + "}\n";
    return result;
  }
  static std::string at(uint16_t port) { return "127.0.0.1:" + std::to_string(port); }

  /// Exactly these troubles were found.
  static void check(const probe_run& run, const std::set<std::string>& expected) {
    const auto found = run.troubles();
    for (const auto& x : expected)
      if (found.count(x) == 0) CAF_ERROR("not found: " << x);
    for (const auto& x : found)
      if (expected.count(x) == 0) CAF_ERROR("found, but not there: " << x << " in " << run.report.dump(1));
    CAF_CHECK_EQUAL(found.size(), expected.size());
  }
};

} // namespace senseflow::test

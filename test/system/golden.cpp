#define CAF_SUITE system.golden
#include "test/support/unit_test.hpp"

#include "test/support/schema_check.hpp"
#include "test/system/golden_requests.hpp"
#include "test/system/golden_run.hpp"

#include <filesystem>
#include <thread>

using namespace golden;
using senseflow::test::message_contract;

namespace {

/// A hang takes five seconds and a poll a tenth: long recordings are run in parts, beside each other.
constexpr size_t vectors_at_once = 25;
constexpr size_t runs_at_once = 5;

struct task {
  std::string variant;
  std::vector<json> vectors;
};

bool is_polled(const std::string& variant) {
  return begins_with(variant, "h-") || begins_with(variant, "s-");
}

/// Every variant, also those without vectors; the longest first.
std::vector<task> all_tasks() {
  std::map<std::string, std::vector<json>> by_variant;
  for (const auto& file : std::filesystem::directory_iterator(path_of("configs")))
    by_variant[file.path().stem()];
  for (const auto* file : {"user-events.jsonl", "log-events.jsonl", "health.jsonl", "sessions.jsonl"})
    for (auto& vector : read_vectors(file))
      by_variant[vector["variant"].get<std::string>()].push_back(vector);
  std::vector<task> tasks;
  for (auto& [variant, vectors] : by_variant) {
    const auto part = is_polled(variant) ? vectors_at_once : std::max<size_t>(vectors.size(), 1);
    for (size_t i = 0; i == 0 || i < vectors.size(); i += part)
      tasks.push_back({variant,
                       {vectors.begin() + static_cast<std::ptrdiff_t>(i),
                        vectors.begin() + static_cast<std::ptrdiff_t>(std::min(i + part, vectors.size()))}});
  }
  std::stable_sort(tasks.begin(), tasks.end(), [](const task& a, const task& b) {
    return std::make_pair(is_polled(a.variant), a.vectors.size()) >
           std::make_pair(is_polled(b.variant), b.vectors.size());
  });
  return tasks;
}

/// A sample that waits is replaced by a newer one, as it should be; on a busy machine that happens within a
/// tenth of a second. Whatever is missing for that reason is asked for again. False if nothing is.
bool repeat_what_is_missing(outcome& x, const std::string& certificates) {
  std::vector<size_t> places;
  std::vector<json> again;
  for (size_t i = 0; i < x.vectors.size(); ++i) {
    if (is_free_departure(x.vectors[i])) continue;
    const auto expected = expected_of(x.vectors[i]);
    if (contains_publications(x.published[i], expected) || !contains_publications(expected, x.published[i]))
      continue;
    places.push_back(i);
    again.push_back(x.vectors[i]);
  }
  if (again.empty()) return false;
  auto second = variant_run{x.variant, again, certificates}.run();
  for (size_t i = 0; i < places.size(); ++i) x.published[places[i]] = second.published[i];
  x.repeated += places.size();
  return true;
}

/// All variants, each through processes of its own.
const std::vector<outcome>& outcomes() {
  static const auto all = [] {
    const senseflow::test::temp_dir certificates;
    senseflow::bench::certificate_options options;
    options.passphrase = "secret123"; // of h-enc-key
    senseflow::bench::make_certificates(certificates.path(), options);
    std::filesystem::rename(certificates / "client_key_encrypted.pem", certificates / "client_key_enc.pem");
    const auto tasks = all_tasks();
    std::vector<outcome> results(tasks.size());
    std::atomic<size_t> next{0};
    std::vector<std::thread> workers;
    for (size_t i = 0; i < runs_at_once; ++i)
      workers.emplace_back([&] {
        for (size_t n; (n = next++) < tasks.size();) {
          try {
            results[n] = variant_run{tasks[n].variant, tasks[n].vectors, certificates.path()}.run();
            for (int rounds = 0; is_polled(tasks[n].variant) && rounds < 5; ++rounds)
              if (!repeat_what_is_missing(results[n], certificates.path())) break;
          } catch (const std::exception& e) {
            results[n].variant = tasks[n].variant;
            results[n].trouble = e.what();
          }
        }
      });
    for (auto& w : workers) w.join();
    return results;
  }();
  return all;
}

std::string of_all(tally::share x) { return std::to_string(x.agreed) + "/" + std::to_string(x.compared); }

void check_file(const std::string& file, const std::string& prefix) {
  tally result;
  size_t vectors = 0, repeated = 0;
  for (const auto& x : outcomes()) {
    if (!begins_with(x.variant, prefix)) continue;
    repeated += x.repeated;
    if (!x.trouble.empty()) CAF_ERROR(x.variant << ": " << x.trouble << "\n" << x.output);
    for (size_t i = 0; i < x.vectors.size() && i < x.published.size(); ++i, ++vectors)
      result.add(x.vectors[i], x.published[i]);
    if (!x.published.empty()) CAF_CHECK(x.published.back().empty()); // behind the last marker
  }
  const auto exact = result.of("exact"), superset = result.of("superset"), depart = result.of("depart");
  std::cout << file << ", through the program: " << vectors << " vectors; exact " << of_all(exact)
            << ", superset " << of_all(superset) << ", depart with an expectation " << of_all(depart)
            << ", other departures (soundness only) " << vectors - result.compared() << "; " << repeated
            << " asked for again\n";
  CAF_CHECK_EQUAL(vectors, read_vectors(file).size());
  CAF_CHECK(1000 * exact.agreed >= 995 * exact.compared);
  CAF_CHECK_EQUAL(superset.agreed, superset.compared);
  CAF_CHECK_EQUAL(depart.agreed, depart.compared);
}

} // namespace

CAF_TEST(recorded user events through the program give the recorded publications) {
  check_file("user-events.jsonl", "ue-");
}

CAF_TEST(recorded log events through the program give the recorded publications) {
  check_file("log-events.jsonl", "le-");
}

CAF_TEST(recorded health answers through the program give the recorded publications) {
  check_file("health.jsonl", "h-");
}

CAF_TEST(recorded session answers through the program give the recorded publications) {
  check_file("sessions.jsonl", "s-");
}

CAF_TEST(every message of the recordings keeps the contract) {
  for (const auto& x : outcomes()) {
    const message_contract contract{contract_parameters(read_settings(x.variant))};
    for (const auto& m : x.messages) {
      if (m.topic == "golden/end") continue;
      const auto broken = contract.check(m.topic, m.payload, m.qos);
      if (!broken.empty()) CAF_ERROR(x.variant << ": " << broken);
    }
  }
}

CAF_TEST(requests are those that the reference sent) {
  for (const auto& recorded : read_vectors("requests.jsonl")) {
    if (!recorded.contains("url")) continue; // MQTT packets
    const auto variant = recorded["variant"].get<std::string>();
    const auto target = recorded["url"].get<std::string>();
    std::string closest = "was not sent";
    for (const auto& x : outcomes()) {
      if (x.variant != variant) continue;
      for (const auto& sent : x.requests) {
        if (comparable_target(sent.target) != comparable_target(target) || closest.empty()) continue;
        closest = difference(recorded, sent, x.sense_port);
      }
    }
    if (!closest.empty()) CAF_ERROR(variant << " " << target << ": " << closest);
  }
}

CAF_TEST(each recorded answer is asked for by the requests that the reference sent) {
  for (const auto& x : outcomes()) {
    if (!is_polled(x.variant)) continue;
    for (size_t i = 0; i < x.vectors.size(); ++i) {
      std::multiset<std::string> expected, actual;
      for (const auto& r : x.vectors[i]["requests"]) expected.insert(comparable_target(r.get<std::string>()));
      if (i < x.targets.size())
        for (const auto& r : x.targets[i]) actual.insert(comparable_target(r));
      if (expected != actual)
        CAF_ERROR(x.vectors[i]["id"] << ": " << actual.size() << " requests, not " << expected.size());
    }
  }
}

CAF_TEST(a server that is not trusted gets no request and faults of the configuration end the program) {
  size_t found = 0;
  for (const auto& x : outcomes()) {
    if (x.variant == "h-headers-host" || x.variant == "h-wrong-ca") {
      ++found;
      CAF_CHECK(x.requests.empty());
    }
    for (const auto& [variant, key] : {std::make_pair("h-missing-cert", "Butler-SOS.cert.clientCert"),
                                       std::make_pair("ue-src-empty", "udpServerConfig.allowedSources")}) {
      if (x.variant != variant) continue;
      ++found;
      CAF_CHECK_EQUAL(x.exit_code, 1);
      CAF_CHECK(x.output.find(key) != std::string::npos);
    }
  }
  CAF_CHECK_EQUAL(found, 4u);
}

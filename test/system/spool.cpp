#define CAF_SUITE system.spool
#include "test/support/unit_test.hpp"

#include "test/support/conservation.hpp"
#include "test/support/free_port.hpp"
#include "test/support/http_get.hpp"
#include "test/support/paths.hpp"
#include "test/support/small_disk.hpp"
#include "test/support/spool_file.hpp"
#include "test/system/event_load.hpp"

using namespace senseflow;
using namespace senseflow::test;

namespace {

struct fixture {
  temp_dir directory;
  mosquitto_broker broker;
  system_config c;
  bench::generator_options g;
  std::string spool = directory / "spool";

  fixture() {
    c.broker_port = broker.port();
    g.user_port = c.user_port = free_udp_port();
    g.log_port = c.log_port = free_udp_port();
    g.hosts = 10;
    c.actors = "reconnect: {initialDelay: 20, maxDelay: 100}";
    c.more = "  delivery: {spool: {path: " + spool + "}, replay: {delay: 100}}\n";
  }

  /// Events; none while it is being made.
  size_t spooled() const {
    try {
      return spooled_events(spool).size();
    } catch (const std::exception&) {
      return 0;
    }
  }

  /// A spool as a program of another age has left it.
  void leave_file(const std::string& form) const {
    std::filesystem::remove_all(spool);
    std::filesystem::create_directories(spool);
    std::filesystem::copy_file(source_path("test/data/spool/" + form + ".sqlite"), spool + "/spool.sqlite");
  }
  static std::string bytes_of(const std::string& file) {
    std::ifstream in{file, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
  }

  /// A program that received so many events without a broker and was stopped.
  void leave_backlog(uint64_t events) {
    broker.stop();
    senseflow_process aut{directory, c.text()};
    CAF_REQUIRE(aut.says("receiving user events"));
    CAF_REQUIRE(aut.says("receiving log events"));
    CAF_REQUIRE_EQUAL(bench::send_burst(g, events).total, events);
    CAF_REQUIRE(eventually([&] {
      auto book = aut.ledger_now();
      return book["userevent"]["received"].get<uint64_t>() + book["logevent"]["received"].get<uint64_t>() ==
             events;
    }));
    auto began = std::chrono::steady_clock::now();
    CAF_CHECK_EQUAL(aut.stop(), 0);
    CAF_CHECK(std::chrono::steady_clock::now() - began < 10s); // shutdown.drainTimeout
    uint64_t left = 0;
    auto book = aut.ledger();
    for (auto cls : event_classes) {
      left += book[cls]["onDisk"].get<uint64_t>();
      CAF_CHECK(book[cls]["dropped"].empty());
    }
    CAF_CHECK_EQUAL(left, events);
    CAF_CHECK_EQUAL(spooled_events(spool).size(), events);
    g.first_number += events;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(spool_tests, fixture)

CAF_TEST(what a stopped program could not deliver the next one does and then what comes in) {
  leave_backlog(2000);
  broker.start();
  subscriber sub{{broker.port(), "butler-sos/#", 1}};
  witness seen{sub};
  senseflow_process aut{directory, c.text()};
  CAF_CHECK(aut.says("the spool holds 2000 events of an earlier run"));
  CAF_REQUIRE(aut.says("receiving user events"));
  CAF_REQUIRE(aut.says("receiving log events"));
  CAF_REQUIRE_EQUAL(bench::send_burst(g, 600).total, 600u);
  CAF_CHECK(seen.wait_for_distinct(2600));
  CAF_CHECK(aut.at_rest(10s));
  CAF_CHECK(sub.settle());
  seen.wait_for([](const witness&) { return true; });
  CAF_CHECK_EQUAL(aut.stop(), 0);
  auto book = aut.ledger();
  uint64_t recovered = 0;
  for (auto cls : event_classes) {
    recovered += book[cls]["recovered"].get<uint64_t>();
    CAF_CHECK_EQUAL(violations(cls, book, seen.of(cls), cls == std::string{"userevent"} ? 100 : 500), "");
    CAF_CHECK_EQUAL(book[cls]["onDisk"], 0);
  }
  CAF_CHECK_EQUAL(recovered, 2000u);
  CAF_CHECK_EQUAL(seen.duplicates(), 0u);
  CAF_CHECK(spooled_events(spool).empty());
}

CAF_TEST(a second program on the same spool does not start and says why) {
  senseflow_process first{directory, c.text()};
  CAF_REQUIRE(first.says("receiving user events"));
  temp_dir elsewhere;
  c.user_port = free_udp_port();
  c.log_port = free_udp_port();
  senseflow_process second{elsewhere, c.text()};
  CAF_CHECK_EQUAL(second.process().wait().value_or(-1), 1);
  CAF_CHECK(second.says("the spool " + spool + " can't be used: another process (pid " +
                        std::to_string(first.process().pid()) + ") uses it"));
  CAF_CHECK_EQUAL(occurrences(second.output(), "receiving"), 0u);
  CAF_CHECK(first.process().running());
  CAF_CHECK_EQUAL(first.stop(), 0);
  senseflow_process third{elsewhere, c.text()}; // the first one has gone
  CAF_CHECK(third.says("receiving user events"));
  CAF_CHECK_EQUAL(third.stop(), 0);
}

// The files and what is in them: test/data/spool/README.md.
CAF_TEST(spools of every age are delivered) {
  for (const std::string form :
       {"format-1-first", "format-1-with-topics", "format-1-with-ids", "format-1-current"}) {
    CAF_MESSAGE(form);
    subscriber sub{{broker.port(), "butler-sos/#", 1, {}, {}, {}, 5}};
    sub.knows("butler-sos/userevent/#"); // those in the files were made by hand
    sub.knows("butler-sos/logevent/#");
    witness seen{sub};
    leave_file(form);
    senseflow_process aut{directory, c.text()};
    CAF_CHECK(aut.says("the spool holds 6 events of an earlier run"));
    CAF_CHECK(seen.wait_for_distinct(6));
    CAF_REQUIRE(aut.ready());
    g.first_number = 100;
    bench::send_burst(g, 60);
    CAF_CHECK(seen.wait_for_distinct(66));
    CAF_CHECK(aut.at_rest(10s));
    CAF_CHECK(sub.settle());
    seen.wait_for([](const witness&) { return true; });
    const auto recorded = form == "format-1-with-topics" || form == "format-1-current";
    for (const auto* gone : {"butler-sos/health/gone/status", "butler-sos/senseflow/old-node/status"})
      CAF_CHECK_EQUAL(sub.count(gone), recorded ? 1u : 0u); // cleared
    CAF_CHECK_EQUAL(aut.stop(), 0);
    const auto book = aut.ledger();
    for (auto cls : event_classes) {
      const auto users = cls == std::string{"userevent"};
      CAF_CHECK_EQUAL(violations(cls, book, seen.of(cls), users ? 10 : 50), "");
      CAF_CHECK_EQUAL(book[cls]["recovered"], 3);
      CAF_CHECK_EQUAL(book[cls]["lostBefore"], users ? 3 : 2);
    }
    CAF_CHECK_EQUAL(seen.duplicates(), 0u);
    uint64_t last_found = 0, first_new = UINT64_MAX;
    for (const auto& m : sub.messages()) {
      if (m.topic != "butler-sos/userevent" && m.topic != "butler-sos/logevent") continue;
      const uint64_t sequence = std::stoull(m.user.at("sequence"));
      if (mark_of(m.payload).number < 100)
        last_found = std::max(last_found, sequence);
      else
        first_new = std::min(first_new, sequence);
    }
    CAF_CHECK_LESS(last_found, first_new);
  }
}

CAF_TEST(a spool of a newer version is refused with words about it and left to that version) {
  leave_file("format-2");
  const auto before = bytes_of(spool + "/spool.sqlite");
  senseflow_process aut{directory, c.text()};
  CAF_CHECK(aut.says("written by a newer senseflow: format 2, this one knows 1"));
  CAF_CHECK_EQUAL(aut.process().wait(10s).value_or(-1), 1);
  CAF_CHECK_EQUAL(occurrences(aut.output(), "receiving"), 0u);
  CAF_CHECK(bytes_of(spool + "/spool.sqlite") == before);
}

CAF_TEST(a spool that is removed while it is used is made anew and holds what was in memory) {
  broker.stop();
  {
    senseflow_process aut{directory, c.text()};
    CAF_REQUIRE(aut.says("receiving user events"));
    CAF_REQUIRE(aut.says("receiving log events"));
    bench::send_burst(g, 200);
    CAF_REQUIRE(eventually([&] { return spooled() == 200; }));
    std::filesystem::remove_all(spool);
    g.first_number += 200;
    bench::send_burst(g, 300);
    CAF_CHECK(aut.says(spool + "/spool.sqlite was removed or replaced"));
    CAF_CHECK(eventually([&] { return spooled() == 500; }));
    std::filesystem::remove_all(spool); // nothing comes any more: found at the end
    CAF_CHECK_EQUAL(aut.stop(), 0);
    CAF_CHECK(aut.says("500 events wait on disk for the next start"));
    CAF_CHECK_EQUAL(spooled_events(spool).size(), 500u);
  }
  broker.start();
  subscriber sub{{broker.port(), "butler-sos/#", 1}};
  witness seen{sub};
  senseflow_process aut{directory, c.text()};
  CAF_CHECK(aut.says("the spool holds 500 events of an earlier run"));
  CAF_CHECK(seen.wait_for_distinct(500));
  CAF_CHECK_EQUAL(aut.stop(), 0);
}

CAF_TEST(a damaged spool is set aside and the program runs) {
  leave_backlog(500);
  const auto file = spool + "/spool.sqlite";
  {
    std::fstream damaged{file, std::ios::in | std::ios::out | std::ios::binary};
    damaged.seekp(100);
    damaged << std::string(20'000, 'x');
  }
  broker.start();
  subscriber sub{{broker.port(), "butler-sos/#", 1}};
  witness seen{sub};
  senseflow_process aut{directory, c.text()};
  CAF_CHECK(aut.says("was damaged. It is kept as " + file + ".damaged-"));
  CAF_REQUIRE(aut.says("receiving user events"));
  CAF_REQUIRE(aut.says("receiving log events"));
  CAF_REQUIRE(aut.says("connected to the MQTT broker"));
  CAF_REQUIRE_EQUAL(bench::send_burst(g, 600).total, 600u);
  CAF_CHECK(seen.wait_for_distinct(600));
  CAF_CHECK(aut.at_rest(10s));
  CAF_CHECK_EQUAL(aut.stop(), 0);
  auto kept = std::filesystem::directory_iterator{spool};
  CAF_CHECK(std::any_of(begin(kept), end(kept), [](const auto& x) {
    return x.path().filename().string().rfind("spool.sqlite.damaged-", 0) == 0 && x.file_size() > 20'000;
  }));
}

CAF_TEST(on a disk that is full events flow on and a line of each cause says so until there is room again) {
  small_disk disk{directory / "disk", 64u << 20};
  if (!disk.mounted()) {
    CAF_MESSAGE("skipped, nothing can be mounted here");
    return;
  }
  c.more = "  delivery: {mode: journal, spool: {path: " + (directory / "disk/spool") +
           ", minFreeBytes: 0}, replay: {delay: 100}}\n";
  subscriber sub{{broker.port(), "butler-sos/#", 1}};
  witness seen{sub};
  senseflow_process aut{directory, c.text()};
  CAF_REQUIRE(aut.ready());
  disk.fill();
  event_load events{c, 200};
  CAF_CHECK(aut.says("the spool can't be used: "));
  CAF_CHECK(seen.wait_for_distinct(1500, 20s));
  for (const auto* cause : {"the disk is full", "database or disk is full"}) // a line a minute of each
    CAF_CHECK_LESS_OR_EQUAL(occurrences(aut.output(), cause), 1u);
  CAF_CHECK_EQUAL(occurrences(aut.output(), "the spool has recovered"), 0u);
  disk.free();
  CAF_CHECK(aut.says("the spool has recovered", 5s)); // it is tried every second
  const auto sent = events.stop();
  CAF_CHECK(seen.wait_for_distinct(sent.total));
  CAF_CHECK(aut.at_rest(10s));
  CAF_CHECK_EQUAL(aut.stop(), 0);
  for (auto cls : event_classes) CAF_CHECK(aut.ledger()[cls]["dropped"].empty());
}

CAF_TEST(a disk with less room than is to stay free is told from the start and does not recover by itself) {
  small_disk disk{directory / "disk", 20u << 20};
  if (!disk.mounted()) {
    CAF_MESSAGE("skipped, nothing can be mounted here");
    return;
  }
  const auto port = free_port();
  c.more = "  delivery: {spool: {path: " + (directory / "disk/spool") + "}}\n" +
           "  admin: {enable: true, port: " + std::to_string(port) + "}\n";
  broker.stop();
  senseflow_process aut{directory, c.text()};
  CAF_REQUIRE(aut.says("receiving log events"));
  const auto how = [&](const std::string& id) -> std::string {
    const auto health = nlohmann::json::parse(http_get(port, "/health").body);
    for (const auto& x : health["conditions"])
      if (x["id"] == id) return x["severity"];
    return "none";
  };
  CAF_CHECK(eventually([&] { return how("spool_almost_full") == "warning"; }));
  CAF_CHECK_EQUAL(how("spool_failing"), "none");
  CAF_REQUIRE_EQUAL(bench::send_burst(g, 600).total, 600u);
  CAF_CHECK(eventually([&] { return how("spool_failing") == "critical"; }, 20s));
  CAF_CHECK(eventually([&] { return how("spool_almost_full") == "critical"; }));
  const auto tries = [&] {
    const auto all = http_get(port, "/metrics").body;
    const std::string name = "\nsenseflow_spool_failures_total{status=\"failed\"} ";
    const auto i = all.find(name);
    return i == all.npos ? 0.0 : std::stod(all.substr(i + name.size()));
  };
  CAF_CHECK(eventually([&] { return tries() >= 4; }, 20s));
  CAF_CHECK_EQUAL(occurrences(aut.output(), "the spool has recovered"), 0u);
}

CAF_TEST_FIXTURE_SCOPE_END()

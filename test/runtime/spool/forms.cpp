#define CAF_SUITE runtime.spool.forms
#include "test/support/unit_test.hpp"

#include "runtime/spool/spool.hpp"

#include "test/support/paths.hpp"
#include "test/support/temp_dir.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

// Files that programs of several ages have written: test/data/spool/README.md.

using namespace senseflow;
using messages::item_class;
using messages::spool_status;
using runtime::spool;

namespace {

namespace fs = std::filesystem;
using strings = std::vector<std::string>;
using schema = std::map<std::string, std::string>; ///< by table or index

constexpr uint64_t first_id = 1'764'115'200'000'001;
constexpr uint64_t ids_ahead = 1'000'000;

std::string data(const std::string& name) { return test::source_path("test/data/spool/" + name + ".sqlite"); }

std::string bytes_of(const std::string& file) {
  std::ifstream in{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

schema schema_of(const std::string& file) {
  const test::temp_dir copy; // a database in WAL mode can't be read where it lies without a trace
  fs::copy_file(file, copy / "x.sqlite");
  runtime::database db{copy / "x.sqlite"};
  auto rows = db.prepare("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL");
  schema result;
  while (rows.next()) result.emplace(rows.text(0), rows.text(1));
  return result;
}

struct form {
  std::string name;
  bool topics = false, ids = false; ///< it knows of them
};
const std::vector<form> forms{{"format-1-first", false, false},
                              {"format-1-with-topics", true, false},
                              {"format-1-with-ids", false, true},
                              {"format-1-current", true, true}};

struct fixture {
  test::temp_dir directory;
  runtime::spool_options options;

  std::string file() const { return options.directory + "/spool.sqlite"; }

  /// A program of today finds it.
  spool::opened open(const std::string& name) {
    options.directory = directory / name;
    fs::create_directories(options.directory);
    fs::copy_file(data(name), file());
    return spool::open(options);
  }

  static strings payloads(spool& x, uint32_t lane) {
    strings result;
    const auto found = x.read({1, lane, 0, 100, UINT64_MAX});
    CAF_CHECK(found.losses.empty());
    for (const auto& e : found.entries) {
      CAF_CHECK_EQUAL(e.content->messages.size(), 2u);
      CAF_CHECK_EQUAL(e.content->messages.front().qos, 1);
      result.push_back(e.content->messages.front().payload.str());
    }
    return result;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(forms_tests, fixture)

CAF_TEST(files of every age are read with all that is in them) {
  for (const auto& x : forms) {
    CAF_MESSAGE(x.name);
    auto opened = open(x.name);
    CAF_REQUIRE_EQUAL(opened.problem, "");
    CAF_CHECK_EQUAL(opened.warning, "");
    auto& aut = *opened.value;
    const auto& found = aut.found();
    std::map<std::string, uint64_t> counts;
    for (const auto& g : found.groups) counts[std::string{to_string_view(g.cls)} + " " + g.source] += g.count;
    CAF_CHECK(counts == (std::map<std::string, uint64_t>{{"userevent sense1", 2},
                                                         {"userevent sense2", 1},
                                                         {"logevent sense1", 1},
                                                         {"logevent sense2", 1},
                                                         {"logevent sense3", 1}}));
    CAF_CHECK_EQUAL(found.at_risk[static_cast<size_t>(item_class::user_event)], 3u);
    CAF_CHECK_EQUAL(found.at_risk[static_cast<size_t>(item_class::log_event)], 2u);
    CAF_CHECK_EQUAL(found.topics.size(), x.topics ? 2u : 0u);
    CAF_CHECK_EQUAL(found.last_id, first_id + (x.ids ? ids_ahead - 1 : 5));
    CAF_CHECK_GREATER(found.first_id, found.last_id);

    const auto lane = static_cast<uint32_t>(messages::lane_of("sense1", 16));
    const auto events = payloads(aut, lane);
    CAF_REQUIRE_EQUAL(events.size(), 3u);
    CAF_CHECK(events[0].find(R"("request_id":1})") != std::string::npos);
    CAF_CHECK(events[1].find("event 2 caf\xc3\xa9") != std::string::npos);
    CAF_CHECK(events[2].find(R"("request_id":5})") != std::string::npos);
  }
}

CAF_TEST(files of every age are written to and keep it) {
  for (const auto& x : forms) {
    CAF_MESSAGE(x.name);
    messages::publication event;
    event.cls = item_class::user_event;
    event.origin = "sense1";
    event.messages.push_back({"butler-sos/userevent", "new", 1, false, 0, true});
    uint64_t id = 0;
    {
      auto opened = open(x.name);
      CAF_REQUIRE_EQUAL(opened.problem, "");
      id = opened.value->found().first_id;
      messages::spool_commit c;
      c.number = 1;
      c.writes.push_back({id, 3, 1, event});
      c.removes = {first_id, first_id + 1};
      c.topics = {{"new", item_class::health, "sense1"}};
      c.ids_below = id + ids_ahead;
      CAF_CHECK(opened.value->commit(c).status == spool_status::ok);
    }
    auto again = spool::open(options);
    CAF_REQUIRE_EQUAL(again.problem, "");
    const auto& found = again.value->found();
    uint64_t events = 0;
    for (const auto& g : found.groups) events += g.count;
    CAF_CHECK_EQUAL(events, 5u);
    CAF_CHECK_EQUAL(found.topics.size(), x.topics ? 3u : 1u);
    CAF_CHECK_EQUAL(found.last_id, id + ids_ahead - 1);
  }
}

CAF_TEST(the programs that have written them find their tables as they left them) {
  auto now = schema_of(data("format-1-current"));
  now.emplace("identity", "CREATE TABLE identity(one INTEGER PRIMARY KEY, id TEXT NOT NULL)");
  for (const auto& x : forms) {
    CAF_MESSAGE(x.name);
    const auto theirs = schema_of(data(x.name));
    {
      auto opened = open(x.name);
      CAF_REQUIRE_EQUAL(opened.problem, "");
      messages::spool_commit c;
      c.number = 1;
      c.topics = {{"new", item_class::health, "sense1"}};
      CAF_CHECK(opened.value->commit(c).status == spool_status::ok);
    }
    const auto after = schema_of(file());
    for (const auto& [name, sql] : theirs) {
      CAF_REQUIRE_EQUAL(after.count(name), 1u);
      CAF_CHECK_EQUAL(after.at(name), sql);
    }
    CAF_CHECK(after == now);
    CAF_CHECK_EQUAL(runtime::database{file()}.integer("PRAGMA user_version"), 1);
  }
}

CAF_TEST(a file of a later format is refused in words and stays as it is byte for byte) {
  const auto opened = open("format-2");
  CAF_CHECK(!opened.value);
  CAF_CHECK(opened.newer);
  CAF_CHECK(opened.problem.find("written by a newer senseflow: format 2, this one knows 1") !=
            std::string::npos);
  CAF_CHECK(bytes_of(file()) == bytes_of(data("format-2")));
  strings there;
  for (const auto& x : fs::directory_iterator{options.directory}) there.push_back(x.path().filename());
  std::sort(there.begin(), there.end());
  CAF_CHECK(there == (strings{"spool.lock", "spool.sqlite"}));
}

CAF_TEST_FIXTURE_SCOPE_END()

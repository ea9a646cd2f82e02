#define CAF_SUITE runtime.accounting.ledger_report
#include "test/support/unit_test.hpp"

#include "runtime/accounting/ledger_report.hpp"

#include "test/support/schema_check.hpp"

#include <nlohmann/json.hpp>

using namespace senseflow;
using messages::item_class;
using runtime::place;

namespace {

/// A ledger in which nothing is 0.
void fill(runtime::ledger& x) {
  const auto c = item_class::user_event;
  x.received(c, "a", 10);
  x.recovered(c, "a", 2);
  x.filtered(c, "a", "excluded_user");
  x.dropped(c, "a", place::source, "poison");
  x.moved(c, "a", place::source, place::memory, 6);
  x.moved(c, "a", place::memory, place::flight, 3);
  x.repeated(c, "a");
  x.published(c, "a", true);
  x.kernel_drops(c, 4);
  x.lost_before(c, 5);
}

} // namespace

CAF_TEST(the log line names every number of every class) {
  runtime::ledger book;
  fill(book);
  auto json = nlohmann::json::parse(to_json(book.snapshot()));
  CAF_CHECK_EQUAL(json.size(), messages::item_class_count);
  auto line = json["userevent"];
  CAF_CHECK_EQUAL(line["received"], 10);
  CAF_CHECK_EQUAL(line["recovered"], 2);
  CAF_CHECK_EQUAL(line["filtered"]["excluded_user"], 1);
  CAF_CHECK_EQUAL(line["dropped"]["poison"], 1);
  CAF_CHECK_EQUAL(line["inSources"], 2);
  CAF_CHECK_EQUAL(line["inMemory"], 4);
  CAF_CHECK_EQUAL(line["inFlight"], 1);
  CAF_CHECK_EQUAL(line["onDisk"], 2);
  CAF_CHECK_EQUAL(line["published"], 1);
  CAF_CHECK_EQUAL(line["acknowledged"], 1);
  CAF_CHECK_EQUAL(line["repeated"], 1);
  CAF_CHECK_EQUAL(line["kernelDrops"], 4);
  CAF_CHECK_EQUAL(line["lostBefore"], 5);
}

CAF_TEST(a report keeps its schema and names sources without what is 0) {
  runtime::ledger book;
  fill(book);
  book.received(item_class::health, "sense1");
  auto text = runtime::ledger_report(book, {"node1", "journal", caf::timestamp{}}, caf::make_timestamp());
  CAF_CHECK_EQUAL(test::check_message("butler-sos/senseflow/node1/ledger", text), "");
  auto json = nlohmann::json::parse(text);
  CAF_CHECK_EQUAL(json["mode"], "journal");
  CAF_CHECK_EQUAL(json["faults"], 0);
  CAF_CHECK_EQUAL(json["classes"]["health"]["received"], 1);
  CAF_CHECK_EQUAL(json["classes"]["health"]["published"], 0);
  CAF_CHECK_EQUAL(json["sources"]["health"]["sense1"].size(), 2u);
  CAF_CHECK_EQUAL(json["sources"]["userevent"]["a"]["onDisk"], 2);
}

CAF_TEST(accounting faults are in the report and make no number of it wrong looking) {
  runtime::ledger book;
  book.published(item_class::health, "sense1", false);
  auto text = runtime::ledger_report(book, {"node1", "journal", caf::timestamp{}}, caf::make_timestamp());
  CAF_CHECK_EQUAL(test::check_message("butler-sos/senseflow/node1/ledger", text), "");
  auto json = nlohmann::json::parse(text);
  CAF_CHECK_EQUAL(json["faults"], 1);
  CAF_CHECK_EQUAL(json["classes"]["health"]["inFlight"], 0);
}

CAF_TEST(a node that shares events says what became of them) {
  runtime::ledger book;
  runtime::ledger_report_options o{"node1", "journal", caf::timestamp{}};
  o.events = [] { return runtime::event_counts{1, 2, 3, {{"no_channel", 4}}}; };
  const auto text = runtime::ledger_report(book, o, caf::make_timestamp());
  CAF_CHECK_EQUAL(test::check_message("butler-sos/senseflow/node1/ledger", text), "");
  CAF_CHECK_EQUAL(nlohmann::json::parse(text)["events"].dump(),
                  R"({"duplicatePossible":{"no_channel":4},"heldBack":1,"suppressed":2,"takenOver":3})");
}

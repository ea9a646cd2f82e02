#define CAF_SUITE runtime.accounting.ledger
#include <caf/test/unit_test.hpp>

#include "runtime/accounting/ledger.hpp"

using namespace senseflow;
using messages::item_class;
using runtime::ledger;
using runtime::place;

namespace {

runtime::ledger_line line(const ledger& x, item_class c) { return x.snapshot()[static_cast<size_t>(c)]; }

} // namespace

CAF_TEST(the law holds after every step of every way an item can go) {
  ledger aut;
  const auto c = item_class::user_event;
  auto holds = [&] { return line(aut, c).balanced(); };
  aut.received(c, "a", 5);
  CAF_CHECK(holds());
  aut.filtered(c, "a", "excluded_user");
  CAF_CHECK(holds());
  aut.dropped(c, "a", place::source, "poison");
  CAF_CHECK(holds());
  aut.moved(c, "a", place::source, place::memory, 3);
  CAF_CHECK(holds());
  aut.moved(c, "a", place::memory, place::disk);
  CAF_CHECK(holds());
  aut.moved(c, "a", place::memory, place::flight);
  aut.repeated(c, "a");
  CAF_CHECK(holds());
  aut.moved(c, "a", place::memory, place::flight);
  aut.published(c, "a", true);
  CAF_CHECK(holds());
  aut.recovered(c, "b", 2);
  CAF_CHECK(holds());
  aut.dropped(c, "b", place::disk, "spool_full", 2);
  CAF_CHECK(holds());
  auto l = line(aut, c);
  CAF_CHECK_EQUAL(l.received, 5u);
  CAF_CHECK_EQUAL(l.acknowledged, 1u);
  CAF_CHECK_EQUAL(l.repeated, 1u);
  CAF_CHECK_EQUAL(l.in(place::memory), 1u);
  CAF_CHECK_EQUAL(l.in(place::disk), 1u);
}

CAF_TEST(a line that misses an item is not balanced) {
  runtime::ledger_line aut;
  aut.received = 2;
  aut.published = 1;
  CAF_CHECK(!aut.balanced());
  aut.dropped["full"] = 1;
  CAF_CHECK(aut.balanced());
}

CAF_TEST(each source has a line of its own and there is an end to them) {
  ledger aut;
  const auto c = item_class::log_event;
  for (int i = 0; i < 1000; ++i) {
    auto host = "host" + std::to_string(i);
    aut.received(c, host);
    aut.moved(c, host, place::source, place::memory);
  }
  auto lines = aut.by_source()[static_cast<size_t>(c)];
  CAF_CHECK_EQUAL(lines.size(), 251u);
  CAF_CHECK_EQUAL(lines["host7"].received, 1u);
  CAF_CHECK_EQUAL(lines["(others)"].received, 750u);
  for (const auto& [host, l] : lines) CAF_CHECK(l.balanced());
  CAF_CHECK_EQUAL(line(aut, c).received, 1000u);
}

#define CAF_SUITE runtime.accounting.ledger
#include "test/support/unit_test.hpp"

#include "runtime/accounting/ledger.hpp"
#include "test/support/sound_ledger.hpp"

#include <functional>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

using namespace senseflow;
using messages::item_class;
using runtime::ledger;
using runtime::place;

namespace {

runtime::ledger_line line(const ledger& x, item_class c) { return x.snapshot()[static_cast<size_t>(c)]; }

bool same(const runtime::ledger_line& a, const runtime::ledger_line& b) {
  return a.received == b.received && a.recovered == b.recovered && a.published == b.published &&
         a.acknowledged == b.acknowledged && a.filtered == b.filtered && a.dropped == b.dropped &&
         a.at == b.at && a.repeated == b.repeated;
}

/// Every item for itself: what the ledger says must be what is counted here.
struct items {
  struct item {
    std::string source;
    std::optional<place> where;
  };

  ledger& book;
  item_class cls = item_class::user_event;
  std::vector<item> all = {};
  std::map<std::string, runtime::ledger_line> ends = {}; ///< but for the places

  runtime::ledger_line expected(const std::string& source) const {
    const auto i = ends.find(source);
    auto result = i == ends.end() ? runtime::ledger_line{} : i->second;
    for (const auto& x : all)
      if (x.source == source && x.where) ++result.at[static_cast<size_t>(*x.where)];
    return result;
  }

  void move(item& x, place to) {
    book.moved(cls, x.source, *x.where, to);
    x.where = to;
  }
  void drop(item& x, const std::string& reason) {
    book.dropped(cls, x.source, *x.where, reason);
    ++ends[x.source].dropped[reason];
    x.where.reset();
  }

  /// One of the steps that an item can take from where it is.
  void step(item& x, uint32_t dice) {
    auto& l = ends[x.source];
    if (dice == 0) return drop(x, "shutdown");
    switch (*x.where) {
    case place::source:
      if (dice > 2) return move(x, place::memory);
      book.filtered(cls, x.source, "excluded_user");
      ++l.filtered["excluded_user"];
      return x.where.reset();
    case place::memory:
      return move(x, dice > 4 ? place::flight : place::disk);
    case place::disk:
      return move(x, place::memory);
    case place::flight:
      if (dice == 1) {
        book.resent(cls, x.source);
        ++l.repeated;
      } else if (dice < 5) {
        book.repeated(cls, x.source);
        ++l.repeated;
        x.where = place::memory;
      } else {
        book.published(cls, x.source, dice == 5);
        ++l.published;
        if (dice == 5) ++l.acknowledged;
        x.where.reset();
      }
    }
  }
  void arrive(const std::string& source, bool from_disk) {
    all.push_back({source, from_disk ? place::disk : place::source});
    if (from_disk) {
      book.recovered(cls, source);
      ++ends[source].recovered;
    } else {
      book.received(cls, source);
      ++ends[source].received;
    }
  }
  void lose_disk() {
    book.disk_lost("spool_damaged");
    for (auto& x : all)
      if (x.where == place::disk) {
        ++ends[x.source].dropped["spool_damaged"];
        x.where.reset();
      }
  }
};

} // namespace

CAF_TEST(whatever way items go the ledger knows where each of them is) {
  ledger aut;
  items model{aut};
  std::mt19937 random{1};
  const std::vector<std::string> sources{"a", "b", "c"};
  for (int i = 0; i < 5000; ++i) {
    if (i % 4 == 0) model.arrive(sources[random() % 3], random() % 8 == 0);
    if (auto& x = model.all[random() % model.all.size()]; x.where) model.step(x, random() % 8);
    if (i % 1000 == 999) model.lose_disk();
    const auto& seen = sources[random() % 3];
    auto lines = aut.by_source()[static_cast<size_t>(model.cls)];
    if (!same(lines[seen], model.expected(seen))) CAF_FAIL("wrong about " << seen << " after step " << i);
  }
  aut.left_behind("stuck");
  for (auto& x : model.all)
    if (x.where && *x.where != place::disk) {
      ++model.ends[x.source].dropped[*x.where == place::flight ? "unconfirmed" : "stuck"];
      x.where.reset();
    }
  for (const auto& source : sources)
    CAF_CHECK(same(aut.by_source()[static_cast<size_t>(model.cls)][source], model.expected(source)));
  for (const auto& source : sources) {
    auto l = aut.by_source()[static_cast<size_t>(model.cls)][source];
    CAF_CHECK(l.balanced());
    CAF_CHECK(l.published > 10 && l.dropped.size() == 4 && l.repeated > 10);
  }
  CAF_CHECK_EQUAL(test::unsound(aut), "");
}

CAF_TEST(who takes more from a place than it holds is found and the place holds nothing) {
  const auto c = item_class::user_event;
  const std::vector<std::function<void(ledger&)>> faults{
      [](ledger& x) { x.moved(c, "a", place::memory, place::disk); },
      [](ledger& x) { x.moved(c, "a", place::source, place::memory, 3); },
      [](ledger& x) { x.repeated(c, "a"); },
      [](ledger& x) { x.filtered(c, "a", "rule", 3); },
      [](ledger& x) { x.dropped(c, "a", place::disk, "spool_full"); },
      [](ledger& x) { x.published(c, "a", true); },
  };
  for (const auto& fault : faults) {
    ledger aut;
    aut.received(c, "a", 2);
    aut.received(c, "b", 9);
    aut.moved(c, "b", place::source, place::memory, 3);
    aut.moved(c, "b", place::memory, place::flight);
    aut.moved(c, "b", place::memory, place::disk); // what others have there makes it no better
    CAF_CHECK_EQUAL(aut.faults(), 0u);
    fault(aut);
    CAF_CHECK_EQUAL(aut.faults(), 1u);
    auto lines = aut.by_source()[static_cast<size_t>(c)];
    for (auto n : lines["a"].at) CAF_CHECK_LESS(n, 4u);
    CAF_CHECK(!lines["a"].balanced());
    CAF_CHECK(lines["b"].balanced());
    CAF_CHECK(!line(aut, c).balanced());
    CAF_CHECK(!test::unsound(aut).empty());
  }
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

CAF_TEST(a source that is gone keeps its line until it holds nothing and its numbers for good) {
  ledger aut;
  const auto c = item_class::health;
  auto lines = [&] { return aut.by_source()[static_cast<size_t>(c)]; };
  aut.received(c, "a", 3);
  aut.moved(c, "a", place::source, place::memory, 3);
  aut.moved(c, "a", place::memory, place::flight);
  aut.received(c, "b");
  aut.dropped(c, "b", place::source, "body");
  aut.received(item_class::user_event, "a");
  const auto before = line(aut, c);
  aut.retire(c, "a");
  aut.retire(c, "b"); // holds nothing
  aut.retire(c, "unknown");
  CAF_CHECK_EQUAL(lines().size(), 2u);
  CAF_CHECK_EQUAL(lines().count("a"), 1u);
  CAF_CHECK(same(line(aut, c), before));
  aut.published(c, "a", false);
  aut.dropped(c, "a", place::memory, "superseded", 2);
  CAF_CHECK_EQUAL(lines().size(), 1u);
  const auto rest = lines()["(removed)"];
  CAF_CHECK_EQUAL(rest.received, 4u);
  CAF_CHECK_EQUAL(rest.published, 1u);
  CAF_CHECK(rest.balanced());
  CAF_CHECK_EQUAL(aut.by_source()[static_cast<size_t>(item_class::user_event)].count("a"), 1u);
  CAF_CHECK_EQUAL(test::unsound(aut), "");
}

CAF_TEST(what is sent anew for a source that is gone leaves no line of its own) {
  ledger aut;
  const auto c = item_class::availability;
  aut.sent_anew(c, "gone");
  aut.moved(c, "gone", place::memory, place::flight);
  aut.published(c, "gone", true);
  const auto lines = aut.by_source()[static_cast<size_t>(c)];
  CAF_CHECK_EQUAL(lines.count("gone"), 0u);
  CAF_CHECK_EQUAL(lines.count("(removed)"), 1u);
  CAF_CHECK_EQUAL(test::unsound(aut), "");
}

CAF_TEST(a source that comes back before its line is gone keeps it) {
  ledger aut;
  const auto c = item_class::health;
  aut.received(c, "a");
  aut.retire(c, "a");
  aut.received(c, "a");
  aut.dropped(c, "a", place::source, "body", 2);
  CAF_CHECK_EQUAL(aut.by_source()[static_cast<size_t>(c)].count("a"), 1u);
}

CAF_TEST(items among the others stay there even when there is room again) {
  ledger aut;
  const auto c = item_class::health;
  for (int i = 0; i < 250; ++i) aut.received(c, "server" + std::to_string(i));
  aut.received(c, "late");
  for (const auto* gone : {"server7", "server8", "server9"}) {
    aut.dropped(c, gone, place::source, "body");
    aut.retire(c, gone);
  }
  aut.received(c, "later"); // there would be room
  aut.moved(c, "late", place::source, place::memory);
  aut.dropped(c, "late", place::memory, "superseded");
  aut.dropped(c, "later", place::source, "body");
  CAF_CHECK_EQUAL(test::unsound(aut), "");
  aut.received(c, "latest");
  CAF_CHECK_EQUAL(aut.by_source()[static_cast<size_t>(c)].count("latest"), 1u);
  CAF_CHECK_EQUAL(test::unsound(aut), "");
}

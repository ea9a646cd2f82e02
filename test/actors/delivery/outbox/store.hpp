// An outbox store whose time and ledger are the test's.
#pragma once

#include "test/support/unit_test.hpp"

#include "actors/delivery/outbox/store.hpp"
#include "test/actors/delivery/outbox/item.hpp"
#include "test/support/sound_ledger.hpp"

#include <string>
#include <vector>

namespace senseflow::test {

using actors::outbox_store;
using messages::outcome;

using namespace std::chrono_literals;

struct clock_and_book {
  runtime::ledger book;
  actors::outbox_options options;
  outbox_store::time_point now{1h};
  int64_t unix_ms = 1'700'000'000'000;
  uint64_t number = 0; ///< of the last batch

  clock_and_book() {
    options.unix_ms = [this] { return unix_ms; };
  }
  ~clock_and_book() {
    if (const auto wrong = unsound(book); !wrong.empty()) CAF_ERROR(wrong);
  }
  void pass(std::chrono::milliseconds x) {
    now += x;
    unix_ms += x.count();
  }
};

/// At the fixture's time.
struct store : outbox_store {
  explicit store(clock_and_book& x) : outbox_store(x.options, x.book), at(x) { at.number = 0; }

  bool accept(const messages::encoded_batch& b) { return outbox_store::accept(b, at.now); }
  void publisher_here(uint32_t slot, bool connected, uint32_t window, const std::vector<uint64_t>& holds,
                      bool resumed = false) {
    outbox_store::publisher_here({slot, connected, resumed, window, holds}, at.now);
  }
  void publisher_died(uint32_t slot) { outbox_store::publisher_died(slot, at.now); }
  std::vector<messages::outgoing> take(uint32_t slot) { return outbox_store::take(slot, at.now); }
  void settle(uint32_t slot, const std::vector<messages::settlement>& items) {
    outbox_store::settle(slot, items, at.now);
  }
  std::optional<messages::spool_commit> next_commit() { return outbox_store::next_commit(at.now); }
  std::optional<messages::spool_read> next_read() { return outbox_store::next_read(at.now); }
  void committed(const messages::spool_committed& x) { outbox_store::committed(x, at.now); }
  void loaded(const messages::spool_content& x) { outbox_store::loaded(x, at.now); }

  clock_and_book& at;
};

struct store_fixture : clock_and_book {
  /// One item a batch, from one source.
  messages::encoded_batch batch(messages::publication x) {
    messages::encoded_batch result;
    result.id = {1, ++number};
    result.publications.emplace_back(std::move(x));
    return result;
  }

  void put(store& s, messages::publication x) {
    book.received(x.cls, x.origin.view());
    CAF_CHECK(s.accept(batch(std::move(x))));
  }
  void put_event(store& s, std::string payload, std::string origin = "a", size_t n = 1) {
    put(s, publication(item_class::user_event, std::move(origin), std::move(payload), n));
  }

  static std::vector<std::string> payloads(const std::vector<messages::outgoing>& xs) {
    std::vector<std::string> result;
    for (const auto& x : xs) result.push_back(x.content->messages.front().payload.str());
    return result;
  }

  static std::vector<messages::settlement> settle_all(const std::vector<messages::outgoing>& xs, outcome o) {
    std::vector<messages::settlement> result;
    for (const auto& x : xs) result.push_back({x.id, o, o == outcome::refused ? "too_large" : ""});
    return result;
  }

  runtime::ledger::snapshot_type seen;

  /// As it is now; lives until the next call, because checks keep references.
  runtime::ledger_line& line(item_class c) {
    seen = book.snapshot();
    return seen[static_cast<size_t>(c)];
  }
};

using strings = std::vector<std::string>;

} // namespace senseflow::test

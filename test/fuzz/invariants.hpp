// What must hold of everything that comes out, whatever came in. A check that fails ends the process with one
// line on stderr that says what was violated and shows it, so that the fuzzer keeps the input. What the
// checks know comes from others (libmosquitto, nlohmann/json's tree), not from the code under test.
#pragma once

#include "messages/encode/encoding.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>

namespace senseflow::fuzz {

inline std::string_view to_text(const uint8_t* data, size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

void require(bool holds, std::string_view what, std::string_view shown = {});

bool is_utf8(std::string_view text);
void check_utf8(std::string_view text, std::string_view what);

/// Without control characters.
bool is_one_line(std::string_view text);

/// What nlohmann reads; discarded if it is no strict JSON.
nlohmann::json read_json(std::string_view text);

/// The value of strict JSON.
nlohmann::json check_json(std::string_view text);

/// A reader of ours and nlohmann's agree on whether this is JSON. Only what both know is compared: not bytes
/// that are no UTF-8 (repaired by us), depth beyond 512 (refused by us), NUL (an end for nlohmann) and
/// numbers that no double can hold (refused by nlohmann).
void check_agreement(std::string_view body, bool accepted);

/// One that brokers take, without empty levels.
bool is_topic(std::string_view topic);

/// A topic that brokers take, without empty levels. The reference ends the topic of the sessions of the
/// default virtual proxy with a slash.
void check_topic(std::string_view topic, bool may_end_with_slash = false);

/// Either a sound publication of this class, or a known reason why there is none; null for the latter.
const messages::publication* check_result(const messages::encoded& result, messages::item_class cls);

/// Calls `use(json, text)` for every payload of a publication, those that several topics share once.
template <class F>
void each_payload(const messages::publication& x, F use) {
  std::set<const std::string*> seen;
  for (const auto& m : x.messages)
    if (seen.insert(m.payload.pointer().get()).second) use(check_json(m.payload.view()), m.payload.view());
}

} // namespace senseflow::fuzz

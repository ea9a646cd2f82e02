// MQTT's reason codes in plain words.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace senseflow::runtime {

/// What a reason code of MQTT 5 (0x80 and above) means, as the end of "the broker says: …".
std::string_view reason_words(int code);

/// PUBACK and PUBREC: one fixed word for counters; only for 0x80 and above.
std::string_view refusal_word(int code);

/// The same message may be accepted later.
bool is_temporary(int code);

/// A DISCONNECT with it means: not here, for now.
bool sends_away(int code);
/// DISCONNECT with this code should have nothing to do with what was published.
bool is_innocent(int code);

/// Text from outside for the log: one line of at most 200 bytes, control characters
/// and broken UTF-8 replaced.
std::string cleaned(const char* data, size_t size);

} // namespace senseflow::runtime

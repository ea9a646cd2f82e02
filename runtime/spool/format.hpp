// A publication as it lies in the spool: CBOR, [[payload...], [[topic, index of the payload, qos, retain,
// expiry_s, json]...]], and where it has a provenance, as a third element, [node, epoch, event].
#pragma once

#include "messages/publication.hpp"

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace senseflow::runtime {

std::vector<uint8_t> spool_body(const messages::publication& x);

/// Nothing, if it is not what `spool_body` made.
std::optional<messages::publication> spool_publication(messages::item_class cls, std::string_view origin,
                                                       std::string_view body);

/// What it takes on disk, roughly, in bytes.
uint64_t spool_size(const messages::publication& x);

} // namespace senseflow::runtime

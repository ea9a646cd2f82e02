#include "runtime/spool/format.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace senseflow::runtime {

namespace {

using nlohmann::json;

constexpr uint64_t row_overhead = 64; ///< ids, index, page headers

/// The messages of one item mostly share one payload: it is stored once.
size_t index_of(std::vector<const std::string*>& payloads, const messages::shared_text& x) {
  auto i = std::find(payloads.begin(), payloads.end(), x.pointer().get());
  if (i == payloads.end()) i = payloads.insert(i, x.pointer().get());
  return static_cast<size_t>(i - payloads.begin());
}

json text(const std::string& x) { return json::binary_t{std::vector<uint8_t>(x.begin(), x.end())}; }

std::string text(const json& x) {
  const auto& bytes = x.get_binary();
  return {bytes.begin(), bytes.end()};
}

} // namespace

std::vector<uint8_t> spool_body(const messages::publication& x) {
  std::vector<const std::string*> payloads;
  auto list = json::array();
  for (const auto& m : x.messages)
    list.push_back(json::array(
        {text(m.topic.str()), index_of(payloads, m.payload), m.qos, m.retain, m.expiry_s, m.json}));
  auto texts = json::array();
  for (const auto* p : payloads) texts.push_back(text(*p));
  auto all = json::array({std::move(texts), std::move(list)});
  if (!x.from.empty())
    all.push_back(json::array({text(x.from.node.str()), x.from.epoch, text(x.from.event.str())}));
  return json::to_cbor(all);
}

std::optional<messages::publication> spool_publication(messages::item_class cls, std::string_view origin,
                                                       std::string_view body) {
  try {
    auto all = json::from_cbor(body.begin(), body.end());
    std::vector<messages::shared_text> payloads;
    for (const auto& p : all.at(0)) payloads.emplace_back(text(p));
    messages::publication result;
    result.cls = cls;
    result.origin = std::string{origin};
    for (const auto& m : all.at(1))
      result.messages.push_back({text(m.at(0)), payloads.at(m.at(1).get<size_t>()), m.at(2).get<uint8_t>(),
                                 m.at(3).get<bool>(), m.at(4).get<uint32_t>(), m.at(5).get<bool>()});
    if (all.size() > 2) {
      const auto& from = all.at(2);
      result.from = {text(from.at(0)), from.at(1).get<uint64_t>(), text(from.at(2))};
    }
    if (result.messages.empty()) return std::nullopt;
    return result;
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

uint64_t spool_size(const messages::publication& x) {
  uint64_t size = row_overhead + x.origin.size() + x.from.node.size() + x.from.event.size();
  std::vector<const std::string*> payloads;
  for (const auto& m : x.messages) {
    auto before = payloads.size();
    index_of(payloads, m.payload);
    if (payloads.size() > before) size += m.payload.size();
    size += m.topic.size() + 8;
  }
  return size;
}

} // namespace senseflow::runtime

#include "runtime/accounting/ledger_report.hpp"

#include "messages/text/iso_time.hpp"

#include <nlohmann/json.hpp>

namespace senseflow::runtime {

namespace {

using json = nlohmann::ordered_json;

/// Everything for a class; of a source only what there is, since there may be hundreds.
json line_json(const ledger_line& l, bool all) {
  auto out = json::object();
  auto add = [&](const char* name, uint64_t n) {
    if (all || n > 0) out[name] = n;
  };
  auto add_reasons = [&](const char* name, const std::map<std::string, uint64_t>& xs) {
    if (all || !xs.empty()) out[name] = json(xs);
  };
  add("received", l.received);
  add("recovered", l.recovered);
  add_reasons("filtered", l.filtered);
  add("published", l.published);
  add("acknowledged", l.acknowledged);
  add_reasons("dropped", l.dropped);
  add("inSources", l.in(place::source));
  add("inMemory", l.in(place::memory));
  add("inFlight", l.in(place::flight));
  add("onDisk", l.in(place::disk));
  add("repeated", l.repeated);
  add("kernelDrops", l.kernel_drops);
  add("lostBefore", l.lost_before);
  return out;
}

json events_json(const event_counts& x) {
  return {{"heldBack", x.held},
          {"suppressed", x.suppressed},
          {"takenOver", x.taken_over},
          {"duplicatePossible", x.duplicate_possible}};
}

json classes_json(const ledger::snapshot_type& x) {
  auto out = json::object();
  for (size_t c = 0; c < x.size(); ++c)
    out[std::string{messages::to_string_view(static_cast<messages::item_class>(c))}] = line_json(x[c], true);
  return out;
}

} // namespace

std::string to_json(const ledger::snapshot_type& x) {
  // Reasons are words of ours, but a log line must never throw.
  return classes_json(x).dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string ledger_report(const ledger& book, const ledger_report_options& options, caf::timestamp now) {
  auto lines = book.by_source(); // one moment for both parts
  ledger::snapshot_type totals;
  auto sources = json::object();
  for (size_t c = 0; c < lines.size(); ++c) {
    auto of_class = json::object();
    for (const auto& [source, line] : lines[c]) {
      totals[c].add(line);
      auto out = line_json(line, false);
      if (!out.empty()) of_class[source] = std::move(out);
    }
    if (!of_class.empty())
      sources[std::string{messages::to_string_view(static_cast<messages::item_class>(c))}] =
          std::move(of_class);
  }
  json result;
  result["node"] = options.node;
  result["timestamp"] = messages::iso_time(now);
  result["started"] = messages::iso_time(options.started);
  result["mode"] = options.mode;
  result["faults"] = book.faults();
  if (options.events) result["events"] = events_json(options.events());
  result["classes"] = classes_json(totals);
  result["sources"] = std::move(sources);
  return result.dump(-1, ' ', false, json::error_handler_t::replace);
}

} // namespace senseflow::runtime

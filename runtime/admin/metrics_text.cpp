#include "runtime/admin/metrics_text.hpp"

#include "runtime/admin/counters.hpp"

#include <caf/config.hpp>

#include <fmt/format.h>

#include <map>

namespace senseflow::runtime {

namespace {

constexpr auto counter = metric_type::counter;
constexpr auto gauge = metric_type::gauge;

double seconds(caf::timestamp x) { return std::chrono::duration<double>(x.time_since_epoch()).count(); }
double seconds(std::chrono::nanoseconds x) { return std::chrono::duration<double>(x).count(); }

void one(exposition& to, std::string_view name, std::string_view help, double value) {
  to.family(name, gauge, help);
  to.sample({}, value);
}

void identity(exposition& to, const node_status& x) {
  const auto caf = fmt::format("{}.{}.{}", CAF_MAJOR_VERSION, CAF_MINOR_VERSION, CAF_PATCH_VERSION);
  to.family("senseflow_build_info", gauge, "The program's version, as labels.");
  to.sample({{"version", x.facts.version}, {"compiler", __VERSION__}, {"caf", caf}}, 1);
  one(to, "senseflow_ready", "Whether the service is ready.", x.facts.not_ready().empty());
  const auto& reload = x.facts.reload;
  one(to, "senseflow_config_last_reload_successful",
      "Whether the last reload was accepted; 1 before the first one.", !reload || reload->result != "faulty");
  one(to, "senseflow_config_last_reload_success_timestamp_seconds", "When the settings in use were loaded.",
      seconds(x.facts.settings.loaded_at));
  to.family("senseflow_condition", gauge, "What is wrong now, as on the status page.");
  for (const auto& c : x.conditions)
    to.sample({{"id", c.id}, {"subject", c.subject}, {"severity", to_string_view(c.how)}}, 1);
}

// --- items --------------------------------------------------------------------------------------

template <class F>
void for_each_line(const facts& x, F f) {
  for (size_t c = 0; c < x.lines.size(); ++c)
    for (const auto& [source, line] : x.lines[c])
      f(to_string_view(static_cast<messages::item_class>(c)), std::string_view{source}, line);
}

void items(exposition& to, const facts& x) {
  const auto count = [&](std::string_view name, std::string_view help, uint64_t ledger_line::*n) {
    to.family(name, counter, help);
    for_each_line(x, [&](auto cls, auto source, const ledger_line& l) {
      to.sample({{"class", cls}, {"source", source}}, static_cast<double>(l.*n));
    });
  };
  const auto by = [&](std::string_view name, std::string_view help,
                      std::map<std::string, uint64_t> ledger_line::*n) {
    to.family(name, counter, help);
    for_each_line(x, [&](auto cls, auto source, const ledger_line& l) {
      for (const auto& [reason, value] : l.*n)
        to.sample({{"class", cls}, {"source", source}, {"reason", reason}}, static_cast<double>(value));
    });
  };
  count("senseflow_items_received_total", "Samples and datagrams taken from the network.",
        &ledger_line::received);
  count("senseflow_items_recovered_total", "Events of an earlier run, and state that is sent anew.",
        &ledger_line::recovered);
  count("senseflow_items_published_total", "Items that the broker has.", &ledger_line::published);
  count("senseflow_items_acknowledged_total", "Items published that the broker has confirmed.",
        &ledger_line::acknowledged);
  count("senseflow_items_repeated_total", "Items sent again, each a possible duplicate.",
        &ledger_line::repeated);
  by("senseflow_items_filtered_total", "Items not published because the configuration says so.",
     &ledger_line::filtered);
  by("senseflow_items_dropped_total", "Items lost.", &ledger_line::dropped);
  to.family("senseflow_items_pending", gauge, "Items on their way.");
  for_each_line(x, [&](auto cls, auto source, const ledger_line& l) {
    constexpr const char* places[] = {"sources", "memory", "in_flight", "disk"};
    for (size_t p = 0; p < place_count; ++p)
      to.sample({{"class", cls}, {"source", source}, {"place", places[p]}}, static_cast<double>(l.at[p]));
  });
  to.family("senseflow_ledger_faults_total", counter, "Steps of the ledger that can't be: defects.");
  to.sample({}, static_cast<double>(x.ledger_faults));
  to.family("senseflow_items_lost_before_total", counter,
            "Items known to have been lost with a former process.");
  const auto totals = x.totals();
  for (size_t c = 0; c < totals.size(); ++c)
    to.sample({{"class", to_string_view(static_cast<messages::item_class>(c))}},
              static_cast<double>(totals[c].lost_before));
}

// --- places -------------------------------------------------------------------------------------

void storage(exposition& to, const facts& x) {
  one(to, "senseflow_oldest_pending_seconds", "Age of the oldest event that waits.",
      seconds(x.oldest_pending()));
  one(to, "senseflow_memory_pending_bytes", "Memory of what waits or is on its way.",
      static_cast<double>(x.backlog.bytes));
  one(to, "senseflow_memory_limit_bytes", "Limit of that.", static_cast<double>(x.settings.memory_limit));
  if (!x.spool) return;
  one(to, "senseflow_spool_bytes", "Size of what is on disk.", static_cast<double>(x.spool->bytes));
  one(to, "senseflow_spool_limit_bytes", "Limit of that, with the disk space there is.",
      static_cast<double>(x.spool_room()));
  one(to, "senseflow_spool_free_bytes", "Free space on the spool's file system.",
      static_cast<double>(x.spool->free_bytes));
}

void ports(exposition& to, const node_status& x) {
  const auto totals = x.facts.totals();
  const auto each = [&](auto f) {
    for (const auto& [c, port] : x.facts.settings.ports) {
      const auto number = std::to_string(port);
      const exposition::labels l{{"class", to_string_view(c)}, {"port", number}};
      f(c, l);
    }
  };
  to.family("senseflow_udp_kernel_drops_total", counter,
            "Datagrams that the kernel dropped: its buffer was full.");
  each([&](auto c, const auto& l) {
    to.sample(l, static_cast<double>(totals[static_cast<size_t>(c)].kernel_drops));
  });
  to.family("senseflow_udp_receive_buffer_bytes", gauge,
            "The kernel's buffer, as granted; 0 = the port is closed.");
  each([&](auto c, const auto& l) {
    const auto i = x.facts.ports.find(c);
    to.sample(l, i == x.facts.ports.end() ? 0 : static_cast<double>(i->second.receive_buffer));
  });
  to.family("senseflow_udp_last_datagram_timestamp_seconds", gauge,
            "When the newest datagram came; 0 = none came.");
  each([&](auto c, const auto& l) {
    caf::timestamp last{};
    if (const auto i = x.trends.seen.find(c); i != x.trends.seen.end())
      for (const auto& [source, when] : i->second) last = std::max(last, when);
    to.sample(l, seconds(last));
  });
}

void servers(exposition& to, const facts& x) {
  to.family("senseflow_sense_up", gauge, "Whether a Sense server answers (is not offline).");
  for (const auto& [name, s] : x.servers)
    if (s.state) to.sample({{"server", name}}, s.state->state != messages::server_state::offline);
  to.family("senseflow_sense_sessions", gauge, "Sessions of a Sense server's engine.");
  for (const auto& [name, s] : x.servers)
    if (s.sessions) to.sample({{"server", name}}, static_cast<double>(*s.sessions));
  to.family("senseflow_sense_users", gauge, "Users of a Sense server's engine.");
  for (const auto& [name, s] : x.servers)
    if (s.users) to.sample({{"server", name}}, static_cast<double>(*s.users));
  if (x.clocks.empty()) return;
  to.family("senseflow_sense_clock_skew_seconds", gauge,
            "By how much a Sense server's clock is ahead of ours.");
  for (const auto& [name, ahead] : x.clocks) to.sample({{"server", name}}, ahead);
}

void brokers(exposition& to, const facts& x) {
  const auto each = [&](std::string_view name, std::string_view help, auto value) {
    to.family(name, gauge, help);
    for (const auto& [slot, b] : x.brokers) {
      const auto publisher = std::to_string(slot + 1);
      to.sample({{"publisher", publisher}}, static_cast<double>(value(b)));
    }
  };
  each("senseflow_mqtt_connected", "Whether the publisher is connected.",
       [](const auto& b) { return b.connected; });
  each("senseflow_mqtt_window_messages", "Messages that may be on their way.",
       [](const auto& b) { return b.window; });
  each("senseflow_mqtt_in_flight_messages", "Messages on their way.",
       [](const auto& b) { return b.in_flight; });
}

// --- work ---------------------------------------------------------------------------------------

void timings(exposition& to, const facts& x) {
  const auto& t = x.timings;
  to.family("senseflow_poll_duration_seconds", metric_type::histogram, "How long polls took.");
  to.sample({{"api", "health"}}, t.poll_duration);
  to.sample({{"api", "sessions"}}, t.session_poll_duration);
  to.family("senseflow_poll_lateness_seconds", metric_type::histogram, "How late polls began.");
  to.sample({{"api", "health"}}, t.poll_lateness);
  to.sample({{"api", "sessions"}}, t.session_poll_lateness);
  to.family("senseflow_mqtt_ack_duration_seconds", metric_type::histogram,
            "How soon the broker acknowledged, of a sample of the messages.");
  to.sample({}, t.acknowledgement);
}

void work(exposition& to, const facts& x) {
  const auto each = [&](std::string_view name, std::string_view help, auto value) {
    to.family(name, counter, help);
    for (const auto& [actor, w] : x.work) to.sample({{"actor", actor}}, value(w));
  };
  each("senseflow_actor_messages_total", "Messages that an actor has handled.",
       [](const auto& w) { return static_cast<double>(w.handled); });
  each("senseflow_actor_batches_total", "Batches of items that it has handed on.",
       [](const auto& w) { return static_cast<double>(w.batches); });
  each("senseflow_actor_items_total", "Items in these.",
       [](const auto& w) { return static_cast<double>(w.items); });
  each("senseflow_actor_busy_seconds_total", "Time in its handlers.",
       [](const auto& w) { return seconds(w.busy); });
  each("senseflow_actor_waited_seconds_total",
       "Time in which it had something to hand on and nobody to take it.",
       [](const auto& w) { return seconds(w.waited); });
  each("senseflow_actor_refused_seconds_total", "Time in which it took nothing from those before it.",
       [](const auto& w) { return seconds(w.refused); });
}

void counters_of(exposition& to, const std::vector<prometheus::MetricFamily>& counters) {
  std::map<std::string_view, const prometheus::MetricFamily*> by_name;
  constexpr std::string_view prefix = "senseflow_";
  for (const auto& x : counters) by_name[std::string_view{x.name}.substr(prefix.size())] = &x;
  for (const auto& shown : shown_counters()) {
    const auto i = by_name.find(shown.counted);
    if (i == by_name.end()) continue;
    to.family(fmt::format("{}{}", prefix, shown.shown), counter, shown.help);
    for (const auto& metric : i->second->metric) {
      exposition::labels labels;
      std::string publisher; // they are counted from 1 where people see them
      for (const auto& l : metric.label) {
        if (l.name == "slot") publisher = std::to_string(std::stoul(l.value) + 1);
        labels.emplace_back(l.name == "slot" ? "publisher" : std::string_view{l.name},
                            l.name == "slot" ? std::string_view{publisher} : std::string_view{l.value});
      }
      to.sample(labels, metric.counter.value * shown.unit);
    }
  }
}

void process(exposition& to, const facts& x) {
  to.family("process_cpu_seconds_total", counter, "Processor time of the process.");
  to.sample({}, x.process.cpu_seconds);
  one(to, "process_resident_memory_bytes", "Memory of the process.",
      static_cast<double>(x.process.resident_bytes));
  one(to, "process_open_fds", "File descriptors that are open.", static_cast<double>(x.process.open_files));
  one(to, "process_max_fds", "File descriptors that may be open.", static_cast<double>(x.process.max_files));
  one(to, "process_start_time_seconds", "When the process started.", seconds(x.started));
  to.family("senseflow_certificate_expiry_timestamp_seconds", gauge, "When a certificate in use expires.");
  for (const auto& c : x.certificates)
    to.sample({{c.file.empty() ? "of" : "file", c.name()}}, seconds(c.expires));
}

} // namespace

std::string metrics_text(const node_status& x, const std::vector<prometheus::MetricFamily>& counters,
                         exposition::format f) {
  exposition to{f};
  identity(to, x);
  items(to, x.facts);
  storage(to, x.facts);
  ports(to, x);
  servers(to, x.facts);
  brokers(to, x.facts);
  timings(to, x.facts);
  work(to, x.facts);
  counters_of(to, counters);
  process(to, x.facts);
  return std::move(to).text();
}

} // namespace senseflow::runtime

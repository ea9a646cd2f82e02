#include "messages/insights/server_of_host.hpp"

#include "messages/text/text.hpp"

#include <algorithm>

namespace senseflow::messages::insights {

namespace {

const std::string nobody;

/// Addresses have no labels.
std::string_view first_label(std::string_view host) {
  const bool address = host.find(':') != host.npos || host.find_first_not_of("0123456789.") == host.npos;
  return address ? std::string_view{} : host.substr(0, host.find('.'));
}

template <class Table>
void add(Table& to, std::string_view key, const std::string& server) {
  if (key.empty()) return;
  const auto [at, is_new] = to.try_emplace(ascii_lower(key), server);
  if (!is_new && at->second != server) at->second.clear();
}

template <class Table>
const std::string* find(const Table& in, std::string_view key) {
  const auto i = in.find(key);
  return i == in.end() ? nullptr : &i->second;
}

} // namespace

server_of_host::server_of_host(const std::vector<named_server>& servers,
                               const std::vector<std::pair<std::string, std::string>>& said) {
  for (const auto& [machine, server] : said) said_[ascii_lower(machine)] = server;
  for (const auto& x : servers)
    for (const auto& host : x.hosts) {
      add(whole_, host, x.name);
      add(labels_, first_label(host), x.name);
    }
}

const std::string& server_of_host::of(std::string_view host) const {
  const auto name = ascii_lower(host);
  if (const auto* x = find(said_, name)) return *x;
  if (const auto* x = find(whole_, name)) return *x;
  const auto label = first_label(name);
  if (label.empty()) return nobody;
  const auto* x = find(labels_, label);
  return x ? *x : nobody;
}

} // namespace senseflow::messages::insights

#include "config/reading/scope.hpp"

#include "config/reading/wording.hpp"

#include <algorithm>

namespace senseflow::config::reading {

namespace {

bool has(const std::vector<std::string_view>& xs, std::string_view x) {
  return std::find(xs.begin(), xs.end(), x) != xs.end();
}

} // namespace

scope::scope(findings& found, const node* value, mark at, std::string path, bool unused)
    : found_(&found), value_(value), at_(at), path_(std::move(path)), unused_(unused) {}

const node::member* scope::find(std::string_view key) {
  known_.push_back(key);
  auto result = member(key);
  for (auto& [from, to] : renamed_) {
    auto old = to == key ? member(from) : nullptr;
    if (old && result) {
      fault(old->at, path_of(from), "is the former name of '" + std::string(to) + "', which is set as well",
            "Remove one of them.");
    } else if (old) {
      warning(old->at, path_of(from), "is the former name of '" + std::string(to) + "'", "Rename it.");
      result = old;
    }
  }
  return result;
}

void scope::dropped(std::string_view key) {
  former_.push_back(key);
  if (auto m = member(key))
    warning(m->at, path_of(key), "is obsolete and has no effect (Butler SOS dropped it, too)", "Remove it.");
}

void scope::renamed(std::string_view key, std::string_view now) {
  former_.push_back(key);
  renamed_.emplace_back(key, now);
}

void scope::moved(std::string_view key, std::string_view now) {
  former_.push_back(key);
  auto m = member(key);
  if (!m) return;
  auto remedy = "Set " + std::string(now) + ", and remove it here.";
  if (unused_)
    found_->warning(m->at, path_of(key), "has moved and has no effect here", std::move(remedy));
  else
    fault(m->at, path_of(key), "has moved", std::move(remedy));
}

void scope::check_keys(bool harmless) {
  if (!value_) return;
  check_duplicates();
  size_t count = 0; // more than can be reported are not looked for: a suggestion takes its time
  for (auto& m : value_->members) {
    if (has(known_, m.key) || has(former_, m.key) || ++count > findings::most + 1) continue;
    auto path = path_ + "." + shortened(m.key);
    if (harmless)
      found_->warning(m.at, path, "is not a known section or setting and has no effect",
                      suggestion(m.key, known_));
    else
      found_->fault(m.at, path, "is not a known setting", suggestion(m.key, known_));
  }
}

void scope::check_duplicates() {
  for (auto& m : value_->members)
    if (m.first_line > 0)
      found_->fault(m.at, path_ + "." + shortened(m.key), "is defined twice",
                    "Keep one; the first is in line " + std::to_string(m.first_line) + ".");
}

void scope::fault(mark at, const std::string& path, std::string problem, std::string remedy) const {
  if (!unused_) found_->fault(at, path, std::move(problem), std::move(remedy));
}

void scope::warning(mark at, const std::string& path, std::string problem, std::string remedy) const {
  if (!unused_) found_->warning(at, path, std::move(problem), std::move(remedy));
}

} // namespace senseflow::config::reading

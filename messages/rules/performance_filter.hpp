// Chooses the engine's performance events that are published. Built once, then only read.
#pragma once

#include "messages/items/log_fields.hpp"

#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

namespace senseflow::messages {

/// `all`: everything but `exclude`; else only `include`. Case matters.
struct name_filter {
  bool all = true;
  std::unordered_set<std::string> exclude;
  std::unordered_set<std::string> include;

  bool accepts(const std::string& name) const;
};

/// An app by its id, its name, or both; what is not given matches every app. Case matters.
struct app_match {
  std::optional<std::string> id;
  std::optional<std::string> name;

  bool matches(const std::string& app_id, const std::string& app_name) const;
};

struct app_filter {
  std::vector<app_match> include;
  name_filter object_type;
  name_filter object; ///< by object id
  name_filter method;
};

/// An event passes if the filter for all apps or one of the app-specific ones accepts it.
struct performance_filter {
  bool enable = false; ///< else nothing passes
  struct {
    bool enable = false;
    std::vector<app_match> exclude;
    name_filter object_type;
    name_filter method;
  } all_apps;
  struct {
    bool enable = false;
    std::vector<app_filter> filters;
  } app_specific;

  /// `app_name` is "" where it is not known.
  bool accepts(const qix_perf_log& event, const std::string& app_name) const;
};

} // namespace senseflow::messages

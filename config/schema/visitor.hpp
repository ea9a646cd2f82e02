// How settings are declared: a `describe` function (describe.hpp) tells a visitor about each setting once:
// key, member, help, unit, bounds. The loader, the printer and the catalogue are visitors, so none of them
// can know a setting that the others don't.
#pragma once

#include "config/schema/formats.hpp"
#include "config/secret.hpp"

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace senseflow::config::schema {

enum class presence { optional, required };

struct entry {
  std::string_view key;
  std::string_view help; ///< one sentence, without the default and the bounds
  presence needed = presence::optional;
  bool derived = false;           ///< the value stands in no file but follows from other settings
  std::string_view variable = {}; ///< of the environment, which wins
};

struct bounds {
  uint64_t min = 0;
  uint64_t max = 0;
};

/// Names in the order of the enum's values.
using choices = std::vector<std::string_view>;

using named_value = std::pair<std::string, std::optional<std::string>>;

class visitor {
public:
  virtual ~visitor() = default;

  virtual void flag(const entry& e, bool& x) = 0;
  virtual void text(const entry& e, std::string& x, format f = format::free) = 0;
  /// One whose absence means something else than an empty text.
  virtual void text(const entry& e, std::optional<std::string>& x) = 0;
  virtual void hidden(const entry& e, secret& x) = 0;
  /// A list of texts. With `item_key`, an item may also be written as a map of that one key.
  virtual void texts(const entry& e, std::vector<std::string>& xs, format f = format::free,
                     std::string_view item_key = {}) = 0;

  /// `unit` empty: a bare number.
  template <class T>
  void number(const entry& e, T& x, bounds b, std::string_view unit) {
    uint64_t value = x;
    whole_number(e, &x, value, b, unit);
    x = static_cast<T>(value);
  }

  /// The file's unit is the type's.
  void duration(const entry& e, std::chrono::milliseconds& x, bounds b) { time(e, x, b, "ms"); }
  void duration(const entry& e, std::chrono::seconds& x, bounds b) { time(e, x, b, "s"); }

  template <class Enum>
  void choice(const entry& e, Enum& x, const choices& names) {
    auto index = static_cast<size_t>(x);
    one_of(e, &x, index, names);
    x = static_cast<Enum>(index);
  }

  /// A map with free keys. `f` holds for names and values.
  void named(const entry& e, std::vector<named_value>& xs, format f) { pairs(e, &xs, xs, f, true); }
  void named(const entry& e, std::vector<std::pair<std::string, std::string>>& xs, format f) {
    std::vector<named_value> values(xs.begin(), xs.end());
    pairs(e, &xs, values, f, false);
    xs.clear();
    for (auto& [name, value] : values) xs.emplace_back(std::move(name), value.value_or(""));
  }

  template <class F>
  void section(const entry& e, F members) {
    begin_section(e);
    members();
    end_section();
  }

  /// A list of sections; `members` describes one item.
  template <class T, class F>
  void list(const entry& e, std::vector<T>& xs, F members) {
    xs.resize(begin_list(e, &xs, xs.size()));
    for (size_t i = 0; i < xs.size(); ++i) {
      begin_item(i);
      members(xs[i]);
      end_item();
    }
    end_list();
  }

  /// The section being described is used or not: faults in an unused one don't matter.
  virtual void active(bool) {}

  /// Keys of this section that belong to the reference program alone.
  virtual void not_served(std::initializer_list<std::string_view>) {}

  // Keys of this section that only older versions of the reference program know. Said before the settings.
  /// They have no effect there any more either.
  virtual void dropped(std::initializer_list<std::string_view>) {}
  virtual void renamed(std::string_view, std::string_view /*now*/) {}
  /// Into another section: `now` is its path.
  virtual void moved(std::string_view, std::string_view /*now*/) {}

private:
  virtual void whole_number(const entry& e, const void* id, uint64_t& x, bounds b, std::string_view unit) = 0;
  virtual void one_of(const entry& e, const void* id, size_t& index, const choices& names) = 0;
  virtual void pairs(const entry& e, const void* id, std::vector<named_value>& xs, format f,
                     bool nullable) = 0;
  virtual void begin_section(const entry& e) = 0;
  virtual void end_section() = 0;
  /// Returns how many items the list is to have.
  virtual size_t begin_list(const entry& e, const void* id, size_t size) = 0;
  virtual void begin_item(size_t index) = 0;
  virtual void end_item() = 0;
  virtual void end_list() = 0;

  template <class Duration>
  void time(const entry& e, Duration& x, bounds b, std::string_view unit) {
    auto value = static_cast<uint64_t>(x.count());
    whole_number(e, &x, value, b, unit);
    x = Duration(static_cast<typename Duration::rep>(value));
  }
};

} // namespace senseflow::config::schema

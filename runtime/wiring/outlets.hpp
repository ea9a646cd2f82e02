// The outlets of all sources, and what becomes of them when their sources are gone.
#pragma once

#include "actors/outlet.hpp"
#include "runtime/estate.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

namespace senseflow::runtime {

/// Thread-safe. An outlet is kept by whoever has got it: the wiring for a source that is configured, the source's
/// actor. When the last of them lets go, it goes if it is empty; else what is in it waits for the source to
/// come back, or for the end.
/// The number of one that goes is given to a later one, which counts its batches on from there: the outbox
/// knows as many sources as there were at a time, and one of their batches that it gets late is known to it.
class source_outlets {
public:
  using outlet_estate = estate<actors::outlet>;
  using new_number = std::function<uint64_t()>;
  using on_gone = std::function<void(const std::string& path)>;

  /// `gone` may be called on any thread, with nothing locked.
  source_outlets(uint32_t batch_max_items, new_number number, on_gone gone);

  /// That of the source with this path.
  std::shared_ptr<outlet_estate> of(const std::string& path);
  size_t size() const;

  /// With the paths of their sources: for the end, what was not accepted is in them.
  std::map<std::string, std::shared_ptr<outlet_estate>> all() const;

private:
  struct shelf;
  std::shared_ptr<shelf> shelf_;
};

} // namespace senseflow::runtime

#include "runtime/wiring/outlets.hpp"

#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace senseflow::runtime {

struct source_outlets::shelf {
  struct place {
    std::shared_ptr<outlet_estate> own;
    std::weak_ptr<outlet_estate> users; ///< what was handed out: it ends with the last of them
  };

  uint32_t batch_max_items;
  new_number number;
  on_gone gone;
  std::mutex mutex;
  std::map<std::string, place> places;   ///< by the path of the source
  std::vector<messages::batch_id> spare; ///< last batches of those that went

  std::shared_ptr<outlet_estate> make() {
    messages::batch_id last;
    if (spare.empty()) {
      last = {number(), 0};
    } else {
      last = spare.back();
      spare.pop_back();
    }
    return std::make_shared<outlet_estate>(last, batch_max_items);
  }

  void let_go(const std::string& path) {
    {
      std::lock_guard lock{mutex};
      const auto i = places.find(path);
      if (i == places.end() || !i->second.users.expired()) return; // somebody has got it again
      const auto last = outlet_estate::enter(i->second.own).with([](const actors::outlet& o) {
        return o.empty() ? std::optional{o.last_batch()} : std::nullopt;
      });
      if (!last) return;
      spare.push_back(*last);
      places.erase(i);
    }
    gone(path);
  }
};

source_outlets::source_outlets(uint32_t batch_max_items, new_number number, on_gone gone)
    : shelf_(std::make_shared<shelf>()) {
  shelf_->batch_max_items = batch_max_items;
  shelf_->number = std::move(number);
  shelf_->gone = std::move(gone);
}

std::shared_ptr<source_outlets::outlet_estate> source_outlets::of(const std::string& path) {
  std::lock_guard lock{shelf_->mutex};
  auto& x = shelf_->places[path];
  if (auto users = x.users.lock()) return users;
  if (!x.own) x.own = shelf_->make();
  // This function is kept by `users` after its call: it gives the shelf up, which would else keep itself.
  std::shared_ptr<outlet_estate> result{x.own.get(), [shelf = shelf_, path](outlet_estate*) mutable {
                                          const auto last = std::move(shelf);
                                          last->let_go(path);
                                        }};
  x.users = result;
  return result;
}

size_t source_outlets::size() const {
  std::lock_guard lock{shelf_->mutex};
  return shelf_->places.size();
}

std::map<std::string, std::shared_ptr<source_outlets::outlet_estate>> source_outlets::all() const {
  std::lock_guard lock{shelf_->mutex};
  std::map<std::string, std::shared_ptr<outlet_estate>> result;
  for (const auto& [path, x] : shelf_->places) result[path] = x.own;
  return result;
}

} // namespace senseflow::runtime

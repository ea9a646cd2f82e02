// How much memory the outbox has taken, and what it may still do with it.
#pragma once

#include <cstdint>
#include <optional>

namespace senseflow::actors {

/// Not thread-safe. Bytes are those of `messages::footprint`.
class byte_budget {
public:
  byte_budget(uint64_t max, uint32_t high_watermark_percent)
      : max_(max), high_(max / 100 * high_watermark_percent) {}

  void add(uint64_t bytes) { used_ += bytes; }
  void subtract(uint64_t bytes) { used_ -= bytes; }
  /// Of these: what waits to be written down, and may not be sent before.
  void add_unwritten(uint64_t bytes) { unwritten_ += bytes; }
  void subtract_unwritten(uint64_t bytes) { unwritten_ -= bytes; }

  uint64_t used() const { return used_; }
  /// Time to write down; what is written down need not stay.
  bool half_full() const { return used_ > max_ / 2; }
  bool exceeded() const { return used_ > max_; }
  /// What waits to be written down leaves no room for what is read back.
  bool unwritten_blocks_reading() const { return unwritten_ > max_ / 8 * 7; }

  /// Sources should wait: the disk is slower than they are; or, without a disk, the broker is. Without both,
  /// waiting would be for nothing: the oldest give way instead.
  bool congested(bool disk_works, bool connected) const {
    return disk_works ? unwritten_ > high_ / 2 : connected && used_ > high_;
  }

  /// So much may be read back, if anything. What can't be written down waits in memory behind what is on
  /// disk: there has to be room for both, and for an entry more, or what was just read would give way.
  std::optional<uint64_t> room_to_read(bool disk_works) const {
    const auto limit = disk_works ? max_ / 2 : max_ / 16 * 15;
    if (used_ > limit) return std::nullopt;
    return limit - used_;
  }

private:
  uint64_t max_, high_;
  uint64_t used_ = 0, unwritten_ = 0;
};

} // namespace senseflow::actors

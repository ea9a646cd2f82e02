#include "runtime/service/manager.hpp"

#include <fmt/format.h>

#include <systemd/sd-daemon.h>

#include <cstdlib>
#include <ctime>
#include <utility>

namespace senseflow::runtime {

namespace {

constexpr size_t most_waiting = 20;

std::optional<std::chrono::microseconds> watchdog_of_process() {
  uint64_t us = 0;
  if (sd_watchdog_enabled(0, &us) <= 0) return std::nullopt;
  return std::chrono::microseconds(us);
}

} // namespace

service_manager::service_manager()
    : there_(std::getenv("NOTIFY_SOCKET") != nullptr), watchdog_(watchdog_of_process()) {}

service_manager::~service_manager() { voice_.idle(std::chrono::seconds(1)); }

void service_manager::tell(std::string assignments) {
  if (!there_) return;
  {
    std::lock_guard lock{outbox_->mutex};
    if (outbox_->waiting.size() == most_waiting) outbox_->waiting.pop_front();
    outbox_->waiting.push_back(std::move(assignments));
  }
  voice_.run([box = outbox_] {
    for (;;) {
      std::string next;
      {
        std::lock_guard lock{box->mutex};
        if (box->waiting.empty()) return;
        next = std::move(box->waiting.front());
        box->waiting.pop_front();
      }
      sd_notify(0, next.c_str()); // should it fail there is nobody to be told
    }
  });
}

std::string status_line(std::string_view text) {
  std::string result = "STATUS=";
  for (char x : text) result += static_cast<unsigned char>(x) < 0x20 || x == 0x7f ? ' ' : x;
  return result;
}

std::string more_time(std::chrono::microseconds more) {
  return fmt::format("EXTEND_TIMEOUT_USEC={}", more.count());
}

std::string reloading() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return fmt::format("RELOADING=1\nMONOTONIC_USEC={}\n{}", now.tv_sec * 1'000'000 + now.tv_nsec / 1000,
                     status_line("Reading the configuration again."));
}

} // namespace senseflow::runtime

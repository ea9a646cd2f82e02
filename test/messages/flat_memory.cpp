#define CAF_SUITE messages.flat_memory

#include "test/support/unit_test.hpp"

#include "golden_vectors.hpp"

#include "messages/encode/log_event.hpp"
#include "messages/encode/user_event.hpp"
#include "test/fuzz/rich_options.hpp"

#include <cstdint>
#include <fstream>
#include <random>

using namespace senseflow;

namespace {

// Sanitizers keep freed memory for a while: with them this only shows that nothing breaks.
#ifdef __SANITIZE_ADDRESS__
constexpr bool measured = false;
constexpr size_t datagram_count = 20'000;
#else
constexpr bool measured = true;
constexpr size_t datagram_count = 1'000'000;
#endif
constexpr size_t warm_up = datagram_count / 10;
constexpr int64_t allowed_growth_kb = 2048;

/// Resident memory of this process.
int64_t resident_kb() {
  std::ifstream in{"/proc/self/status"};
  for (std::string word; in >> word;) {
    int64_t kb = 0;
    if (word == "VmRSS:" && in >> kb) return kb;
  }
  CAF_FAIL("/proc/self/status has no VmRSS");
}

std::vector<std::string> recorded_datagrams() {
  std::vector<std::string> out;
  for (const char* file : {"user-events.jsonl", "log-events.jsonl"})
    for (const auto& vector : golden::read_vectors(file)) out.push_back(golden::bytes_of(vector, "input"));
  return out;
}

/// Changes a datagram behind its first field, which decides whether it is read at all.
class mutator {
public:
  void mutate(std::string& datagram) {
    const auto first = std::min(datagram.find(';'), datagram.size());
    for (auto changes = below(4); changes > 0 && datagram.size() > first + 1; --changes) {
      const auto at = first + 1 + below(datagram.size() - first - 1);
      switch (below(5)) {
      case 0:
        datagram[at] = static_cast<char>(below(256));
        break;
      case 1:
        datagram.erase(at, below(20));
        break;
      case 2:
        datagram.insert(at, below(4), ';');
        break;
      case 3:
        datagram.insert(at, below(16) == 0 ? 4000 : below(100), static_cast<char>(below(256)));
        break;
      case 4:
        datagram.insert(at, datagram.substr(first, below(200)));
        break;
      }
    }
  }

  size_t below(size_t n) { return static_cast<size_t>(random_() % n); }

private:
  std::mt19937_64 random_{1};
};

struct tally {
  size_t published = 0;
  size_t filtered = 0;
  size_t rejected = 0;

  void add(const messages::encoded& x) {
    ++(std::holds_alternative<messages::publication>(x) ? published : filtered);
  }
};

void process(const std::string& datagram, tally& counts) {
  const auto& site = fuzz::sites().front();
  if (auto user = messages::parse_user_event(datagram)) {
    counts.add(messages::encode_user_event(*user, site.user_events, fuzz::apps()));
  } else if (auto log = messages::parse_log_event(datagram)) {
    counts.add(messages::encode_log_event(*log, site.log_events, fuzz::apps()));
  } else {
    ++counts.rejected;
  }
}

} // namespace

CAF_TEST(memory stays flat over one million hostile datagrams of both kinds) {
  const auto recorded = recorded_datagrams();
  CAF_REQUIRE(recorded.size() > 1000u);
  mutator random;
  tally counts;
  int64_t before = 0;
  for (size_t i = 0; i < datagram_count; ++i) {
    if (i == warm_up) before = resident_kb();
    auto datagram = recorded[random.below(recorded.size())];
    random.mutate(datagram);
    process(datagram, counts);
  }
  const auto after = resident_kb();
  CAF_MESSAGE(counts.published << " published, " << counts.filtered << " filtered, " << counts.rejected
                               << " rejected; resident memory " << before << " kB, then " << after << " kB");
  CAF_CHECK_EQUAL(counts.published + counts.filtered + counts.rejected, datagram_count);
  CAF_CHECK(counts.published > datagram_count / 2);
  if (measured) CAF_CHECK(after - before < allowed_growth_kb);
}

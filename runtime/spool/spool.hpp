// Publications on disk: an SQLite file (WAL), one process at a time.
#pragma once

#include "messages/spooling.hpp"
#include "runtime/snapshot.hpp"
#include "runtime/spool/directory.hpp"
#include "runtime/spool/figures.hpp"
#include "runtime/spool/reserve.hpp"
#include "runtime/spool/retained_topics.hpp"
#include "runtime/spool/sqlite.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace senseflow::runtime {

struct spool_options {
  std::string directory;         ///< made if it is not there; holds spool.sqlite and spool.lock
  uint64_t max_bytes = 1u << 30; ///< of entries; the file is somewhat larger
  uint64_t min_free_bytes = 0;   ///< with less free space on the file system the spool does not grow
  bool sync = false;             ///< each commit survives a failure of the machine, not just of the process
  uint64_t first_id = 1;         ///< by the wall clock, which may have been set back
  uint64_t ids_ahead = 0;        ///< so many count as given out before the first one is
  uint64_t reserve_bytes = 16u << 20; ///< of disk space, kept for removing what is there when it is full
  /// Told at the start how many events there are, before they are checked, which takes as long as reading them.
  std::function<void(uint64_t events)> counted = {};
};

/// What was on disk at the start.
struct spool_found {
  struct group {
    uint32_t lane = 0;
    messages::item_class cls = messages::item_class::user_event;
    std::string source;
    uint64_t count = 0;
  };
  std::vector<group> groups;
  uint64_t first_id = 1;         ///< that may be given out now
  uint64_t last_id = 0;          ///< greatest that an earlier process may have given out
  std::vector<uint64_t> at_risk; ///< by class; of the last commit of the process that used it before
  std::vector<messages::retained_topic> topics;
  std::string identity; ///< of the file, random; "" = could not be written
};

/// Not thread-safe; every function may block as long as the disk does.
/// - A file that is damaged is set aside as spool.sqlite.damaged-<time> (the newest three are kept) and
///   replaced by an empty one, at the start and later. One of a newer format is refused, and stays as it is.
/// - A file removed or replaced, with its directory or alone, counts as damaged: what was in it can't
///   be got at any more. A new one is made in its place; what lies there then is set aside.
/// - Above `max_bytes`, and when the disk is nearly full, the oldest entries make room for new ones.
/// - Removing takes space too. When there is none, spool.reserve gives way, and until it can be made again
///   (twice its size is free) commits that write fail, those that only remove are done.
/// - The end of the process, however it comes, gives the lock back.
class spool {
public:
  struct opened {
    std::unique_ptr<spool> value; ///< null: `problem` says why
    std::string problem;
    std::string warning; ///< a file was set aside
    bool in_use = false; ///< by another process
    bool newer = false;  ///< written by a newer program
  };
  static opened open(spool_options options);

  ~spool();
  spool(const spool&) = delete;
  spool& operator=(const spool&) = delete;

  const spool_found& found() const { return found_; }
  uint64_t bytes() const { return bytes_; }
  /// As of the last commits; the snapshot may be read on any thread, and outlive the spool.
  std::shared_ptr<const snapshot<spool_figures>> figures() const { return figures_; }

  messages::spool_committed commit(const messages::spool_commit& x);
  messages::spool_content read(const messages::spool_read& x);

private:
  explicit spool(spool_options options);

  std::string file() const;
  void connect();   ///< throws sqlite_error
  void reconnect(); ///< the same
  void disconnect();
  std::string forget_file(); ///< returns a line about it
  std::string set_aside();   ///< the same
  void read_contents();      ///< what is in the file; throws sqlite_error
  template <class Result, class F>
  Result guarded(uint64_t number, F work);

  bool make_room(uint64_t incoming, std::vector<messages::spool_loss>& losses);
  void store(const messages::spool_entry& x);
  void remove(uint64_t id);
  void give_back_space();
  void tell_figures();

  spool_options options_;
  spool_directory directory_;
  spool_reserve reserve_;
  bool gone_ = false; ///< the file is, and there is no new one yet
  spool_found found_;
  uint64_t bytes_ = 0;
  messages::spool_committed last_; ///< the last answer
  database db_;
  struct {
    statement begin, commit, rollback, insert, remove, oldest, first, read, risk, ids;
  } sql_;
  retained_topics topics_;
  std::shared_ptr<snapshot<spool_figures>> figures_ = std::make_shared<snapshot<spool_figures>>();
  std::chrono::steady_clock::time_point told_{};
};

} // namespace senseflow::runtime

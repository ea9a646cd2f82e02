#include "runtime/spool/spool.hpp"

#include "runtime/spool/format.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

namespace senseflow::runtime {

namespace {

namespace fs = std::filesystem;
using messages::spool_status;

constexpr int64_t schema_version = 1;
constexpr size_t most_set_aside = 3;
constexpr int64_t pages_given_back_at_once = 2000;

constexpr const char* schema = R"(
  CREATE TABLE IF NOT EXISTS event(
    id INTEGER PRIMARY KEY, lane INTEGER NOT NULL, class INTEGER NOT NULL, source TEXT NOT NULL,
    accepted_ms INTEGER NOT NULL, size INTEGER NOT NULL, body BLOB NOT NULL);
  CREATE INDEX IF NOT EXISTS by_lane ON event(lane, id);
  CREATE TABLE IF NOT EXISTS at_risk(class INTEGER PRIMARY KEY, count INTEGER NOT NULL);
)";

/// In files of all versions: those that wrote them before it was there have no use for it.
constexpr const char* id_limit_schema =
    "CREATE TABLE IF NOT EXISTS id_limit(one INTEGER PRIMARY KEY, ids_below INTEGER NOT NULL)";

/// Likewise.
constexpr const char* identity_schema =
    "CREATE TABLE IF NOT EXISTS identity(one INTEGER PRIMARY KEY, id TEXT NOT NULL);"
    "INSERT OR IGNORE INTO identity VALUES(1, lower(hex(randomblob(8))))";

/// Of a file on a full disk there may be none: that is no reason not to use it.
std::string identity_of(database& db) {
  try {
    db.execute(identity_schema);
    auto id = db.prepare("SELECT id FROM identity");
    return id.next() ? std::string{id.text(0)} : std::string{};
  } catch (const sqlite_error&) {
    return {};
  }
}

/// Not damaged: the program that wrote it will read it.
struct newer_format : std::runtime_error {
  using std::runtime_error::runtime_error;
};

} // namespace

spool::opened spool::open(spool_options options) {
  opened result;
  result.value.reset(new spool(std::move(options)));
  auto& x = *result.value;
  if (auto trouble = x.directory_.take(); !trouble.problem.empty()) {
    result.problem = std::move(trouble.problem);
    result.in_use = trouble.in_use;
    result.value.reset();
    return result;
  }
  try {
    try {
      x.connect();
      x.read_contents();
    } catch (const sqlite_error& e) {
      if (!e.damaged()) throw;
      result.warning = x.set_aside();
      x.connect();
      x.read_contents();
    }
  } catch (const std::exception& e) {
    result.newer = dynamic_cast<const newer_format*>(&e) != nullptr;
    result.problem = fmt::format("{} can't be used ({})", x.file(), e.what());
    result.value.reset();
    return result;
  }
  x.tell_figures();
  x.found_.first_id = std::max(x.options_.first_id, x.found_.last_id + 1);
  // Should this fail, who is to use it will find that writing does.
  if (const auto n = x.options_.ids_ahead; n > 0) x.commit({0, {}, {}, {}, {}, x.found_.first_id + n});
  return result;
}

spool::spool(spool_options options)
    : options_(std::move(options)), directory_(options_.directory),
      reserve_(options_.directory + "/spool.reserve", options_.reserve_bytes) {}

spool::~spool() = default;

std::string spool::file() const { return directory_.file(); }

void spool::disconnect() {
  sql_ = {};
  topics_ = {};
  db_ = {};
}

void spool::connect() {
  disconnect();
  database db{file()};
  const auto version = db.integer("PRAGMA user_version"); // before anything writes to what is not ours
  if (version > schema_version)
    throw newer_format(
        fmt::format("written by a newer senseflow: format {}, this one knows {}", version, schema_version));
  db.execute("PRAGMA auto_vacuum=INCREMENTAL; PRAGMA journal_mode=WAL; PRAGMA journal_size_limit=16777216;"
             "PRAGMA temp_store=MEMORY; PRAGMA cache_size=-8192;");
  db.execute(options_.sync ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL");
  if (version == 0) {
    db.execute(schema);
    db.execute("PRAGMA user_version=1");
  }
  db.execute(id_limit_schema);
  sql_.begin = db.prepare("BEGIN IMMEDIATE");
  sql_.commit = db.prepare("COMMIT");
  sql_.rollback = db.prepare("ROLLBACK");
  sql_.insert = db.prepare("INSERT OR IGNORE INTO event VALUES(?,?,?,?,?,?,?)");
  sql_.remove = db.prepare("DELETE FROM event WHERE id=? RETURNING size");
  sql_.oldest = db.prepare(
      "DELETE FROM event WHERE id=(SELECT min(id) FROM event) RETURNING id, lane, class, source, size");
  sql_.first = db.prepare("SELECT accepted_ms FROM event ORDER BY id LIMIT 1");
  sql_.read = db.prepare(
      "SELECT id, accepted_ms, class, source, body FROM event WHERE lane=? AND id>? ORDER BY id LIMIT ?");
  sql_.risk = db.prepare("INSERT OR REPLACE INTO at_risk VALUES(?,?)");
  sql_.ids = db.prepare("INSERT OR REPLACE INTO id_limit VALUES(1,?)");
  db_ = std::move(db);
  directory_.remember_file();
  gone_ = false;
}

/// Whatever became of the directory, the lock or the connection meanwhile.
void spool::reconnect() {
  constexpr int busy = 5;
  if (const auto trouble = directory_.take(); !trouble.problem.empty())
    throw sqlite_error(busy, trouble.problem);
  if (gone_) set_aside(); // what lies there is not what was
  if (!db_) connect();
}

std::string spool::forget_file() {
  disconnect();
  directory_.let_go();
  bytes_ = 0;
  reserve_.forget();
  gone_ = true;
  return fmt::format("{} was removed or replaced: what was only there is lost; continuing with a new one",
                     file());
}

void spool::read_contents() {
  if (options_.counted) options_.counted(static_cast<uint64_t>(db_.integer("SELECT count(*) FROM event")));
  auto check = db_.prepare("PRAGMA quick_check(1)");
  if (!check.next() || check.text(0) != "ok")
    throw sqlite_error(11, fmt::format("the integrity check found: {}", check.text(0)));
  found_ = {};
  bytes_ = 0;
  auto groups =
      db_.prepare("SELECT lane, class, source, count(*), sum(size) FROM event GROUP BY lane, class, source");
  while (groups.next()) {
    auto cls = static_cast<size_t>(groups.integer(1));
    if (cls >= messages::item_class_count) throw sqlite_error(11, "it holds a class that does not exist");
    found_.groups.push_back({static_cast<uint32_t>(groups.integer(0)), static_cast<messages::item_class>(cls),
                             std::string{groups.text(2)}, static_cast<uint64_t>(groups.integer(3))});
    bytes_ += static_cast<uint64_t>(groups.integer(4));
  }
  found_.last_id =
      static_cast<uint64_t>(db_.integer("SELECT max((SELECT ifnull(max(id), 0) FROM event), (SELECT "
                                        "ifnull(max(ids_below) - 1, 0) FROM id_limit))"));
  found_.at_risk.assign(messages::item_class_count, 0);
  auto risk = db_.prepare("SELECT class, count FROM at_risk");
  while (risk.next())
    if (auto c = static_cast<size_t>(risk.integer(0)); c < found_.at_risk.size())
      found_.at_risk[c] = static_cast<uint64_t>(risk.integer(1));
  found_.topics = retained_topics::read(db_);
  found_.identity = identity_of(db_);
}

std::string spool::set_aside() {
  disconnect();
  bytes_ = 0;
  gone_ = true;
  auto now = std::chrono::system_clock::now();
  auto micros =
      std::chrono::duration_cast<std::chrono::microseconds>(now.time_since_epoch()).count() % 1000000;
  auto to = fmt::format("{}.damaged-{:%Y%m%dT%H%M%S}.{:06}", file(), fmt::gmtime(now), micros);
  std::error_code error;
  fs::rename(file(), to, error);
  for (auto suffix : {"-wal", "-shm"}) fs::rename(file() + suffix, to + suffix, error);
  std::vector<fs::path> all;
  for (const auto& entry : fs::directory_iterator(options_.directory, error)) {
    auto name = entry.path().filename().string();
    if (name.rfind("spool.sqlite.damaged-", 0) == 0 && name.find("-wal") == name.npos &&
        name.find("-shm") == name.npos)
      all.push_back(entry.path());
  }
  // The one of now stays: its name is the last one only if the clock was never set back.
  all.erase(std::remove(all.begin(), all.end(), fs::path{to}), all.end());
  std::sort(all.begin(), all.end());
  while (all.size() >= most_set_aside) {
    for (auto suffix : {"", "-wal", "-shm"}) fs::remove(all.front().string() + suffix, error);
    all.erase(all.begin());
  }
  return fmt::format("{} was damaged. It is kept as {}; continuing with an empty one", file(), to);
}

bool spool::make_room(uint64_t incoming, std::vector<messages::spool_loss>& losses) {
  auto limit = options_.max_bytes;
  const auto* reason = "spool_full";
  if (directory_.free_bytes() < options_.min_free_bytes) {
    limit = std::min(limit, bytes_);
    reason = "disk_full";
  }
  if (incoming > limit) return false;
  while (bytes_ + incoming > limit && sql_.oldest.next()) {
    losses.push_back({static_cast<uint64_t>(sql_.oldest.integer(0)),
                      static_cast<uint32_t>(sql_.oldest.integer(1)),
                      static_cast<messages::item_class>(sql_.oldest.integer(2)),
                      std::string{sql_.oldest.text(3)}, reason});
    bytes_ -= static_cast<uint64_t>(sql_.oldest.integer(4));
    sql_.oldest.run();
  }
  sql_.oldest.reset();
  return true;
}

void spool::store(const messages::spool_entry& x) {
  auto body = spool_body(*x.content);
  auto size = spool_size(*x.content);
  sql_.insert << static_cast<int64_t>(x.id) << static_cast<int64_t>(x.lane)
              << static_cast<int64_t>(x.content->cls) << x.content->origin.view() << x.accepted_ms
              << static_cast<int64_t>(size);
  sql_.insert.blob(body.data(), body.size());
  sql_.insert.run();
  if (db_.changes() == 1) bytes_ += size;
}

void spool::remove(uint64_t id) {
  sql_.remove << static_cast<int64_t>(id);
  while (sql_.remove.next()) bytes_ -= static_cast<uint64_t>(sql_.remove.integer(0));
  sql_.remove.reset();
}

/// Runs `work` in one transaction; whatever happens becomes a status.
template <class Result, class F>
Result spool::guarded(uint64_t number, F work) {
  auto bytes_before = bytes_;
  Result result;
  result.number = number;
  if (!gone_ && directory_.file_gone()) {
    result.status = spool_status::damaged;
    result.problem = forget_file();
    return result;
  }
  try {
    reconnect();
    sql_.begin.run();
    if (work(result)) {
      sql_.commit.run();
      return result;
    }
    sql_.rollback.run();
    result.status = spool_status::failed;
  } catch (const sqlite_error& e) {
    result.status = spool_status::failed;
    result.problem = fmt::format("{}: {}", file(), e.what());
    try {
      if (e.damaged()) {
        result.status = spool_status::damaged;
        result.problem += fmt::format(": {}", set_aside());
        connect();
      } else {
        disconnect(); // rolls back; after an I/O error a connection is worth nothing anyway
        if (e.no_space()) reserve_.use();
      }
    } catch (const sqlite_error&) {
      disconnect();
    }
  }
  result.losses.clear();
  bytes_ = result.status == spool_status::damaged ? 0 : bytes_before;
  return result;
}

messages::spool_committed spool::commit(const messages::spool_commit& x) {
  if (x.number > 0 && x.number == last_.number) return last_; // done, but the answer got lost
  auto result = guarded<messages::spool_committed>(x.number, [&](messages::spool_committed& to) {
    for (auto id : x.removes) remove(id);
    if (!x.writes.empty() && !reserve_.make(directory_.free_bytes())) {
      to.problem = fmt::format("{}: the disk is full: {} MiB are free, storing takes {}", file(),
                               directory_.free_bytes() >> 20, 2 * options_.reserve_bytes >> 20);
      return false;
    }
    uint64_t incoming = 0;
    for (const auto& e : x.writes) incoming += spool_size(*e.content);
    if (!x.writes.empty() && !make_room(incoming, to.losses)) {
      to.problem = fmt::format(
          "{}: no room for {} bytes more (see spool.maxBytes and spool.minFreeBytes; {} MiB are free)",
          file(), incoming, directory_.free_bytes() >> 20);
      return false;
    }
    for (const auto& e : x.writes) store(e);
    for (size_t c = 0; c < x.at_risk.size(); ++c) {
      sql_.risk << static_cast<int64_t>(c) << static_cast<int64_t>(x.at_risk[c]);
      sql_.risk.run();
    }
    topics_.write(db_, x.topics);
    if (x.ids_below > 0) {
      sql_.ids << static_cast<int64_t>(x.ids_below);
      sql_.ids.run();
    }
    return true;
  });
  if (result.status == spool_status::ok && (bytes_ == 0 || !reserve_.there())) give_back_space();
  const bool done = x.number > 0 && result.status == spool_status::ok;
  if (done || result.status == spool_status::damaged)
    last_ = result; // then nothing that was done before counts
  tell_figures();
  return result;
}

/// After a long outage the file would stay as large as it was: shrinks it bit by bit, while it is empty or
/// the disk full.
void spool::give_back_space() {
  try {
    auto spare = bytes_ == 0 ? pages_given_back_at_once : int64_t{0};
    if (db_.integer("PRAGMA freelist_count") > spare)
      db_.execute(fmt::format("PRAGMA incremental_vacuum({})", pages_given_back_at_once).c_str());
  } catch (const sqlite_error&) { // not what matters
  }
}

/// Not with each of many commits a second; that nothing is left is always told.
void spool::tell_figures() {
  const auto now = std::chrono::steady_clock::now();
  if (bytes_ > 0 && now - told_ < std::chrono::milliseconds(100)) return;
  told_ = now;
  spool_figures x{bytes_, directory_.free_bytes(), 0};
  try {
    if (bytes_ > 0 && db_ && sql_.first.next()) x.oldest_ms = sql_.first.integer(0);
    if (db_) sql_.first.reset();
  } catch (const sqlite_error&) { // the next commit says so
  }
  figures_->store(x);
}

messages::spool_content spool::read(const messages::spool_read& x) {
  return guarded<messages::spool_content>(x.number, [&](messages::spool_content& to) {
    sql_.read << static_cast<int64_t>(x.lane) << static_cast<int64_t>(x.after)
              << static_cast<int64_t>(x.max_items);
    uint64_t bytes = 0;
    while (bytes < std::max<uint64_t>(x.max_bytes, 1) && sql_.read.next()) {
      auto id = static_cast<uint64_t>(sql_.read.integer(0));
      auto cls = static_cast<messages::item_class>(sql_.read.integer(2));
      auto content = spool_publication(cls, sql_.read.text(3), sql_.read.text(4));
      if (content) bytes += footprint(*content);
      if (content)
        to.entries.push_back({id, x.lane, sql_.read.integer(1), std::move(*content)});
      else
        to.losses.push_back({id, x.lane, cls, std::string{sql_.read.text(3)}, "spool_damaged"});
    }
    sql_.read.reset();
    return true;
  });
}

} // namespace senseflow::runtime

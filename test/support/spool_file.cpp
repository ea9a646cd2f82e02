#include "test/support/spool_file.hpp"

#include "test/support/conservation.hpp"
#include "test/support/temp_dir.hpp"

#include <sqlite3.h>

#include <filesystem>
#include <memory>
#include <stdexcept>

namespace senseflow::test {

namespace {

using connection = std::unique_ptr<sqlite3, decltype(&sqlite3_close)>;

std::runtime_error trouble(const std::string& file, sqlite3* db) {
  return std::runtime_error(file + ": " + sqlite3_errmsg(db));
}

connection open(const std::string& file) {
  sqlite3* raw = nullptr;
  const auto opened = sqlite3_open_v2(file.c_str(), &raw, SQLITE_OPEN_READWRITE, nullptr);
  connection result{raw, &sqlite3_close};
  if (opened != SQLITE_OK) throw trouble(file, raw);
  return result;
}

/// Calls `f(statement)` for each row.
template <class F>
void query(const std::string& directory, const char* sql, F f) {
  const auto file = directory + "/spool.sqlite";
  const auto db = open(file);
  auto* raw = db.get();
  sqlite3_busy_timeout(raw, 5000);
  // The last one to close would write the log back into the file: not ours to do.
  sqlite3_db_config(raw, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  sqlite3_stmt* rows = nullptr;
  if (sqlite3_prepare_v2(raw, sql, -1, &rows, nullptr) != SQLITE_OK) throw trouble(file, raw);
  int step = SQLITE_ROW;
  while ((step = sqlite3_step(rows)) == SQLITE_ROW) f(rows);
  sqlite3_finalize(rows);
  if (step != SQLITE_DONE) throw trouble(file, raw);
}

} // namespace

std::set<uint64_t> spooled_events(const std::string& directory) {
  std::set<uint64_t> result;
  query(directory, "SELECT body FROM event", [&](sqlite3_stmt* row) {
    // CBOR; the payload stands in it as it is.
    const auto* body = static_cast<const char*>(sqlite3_column_blob(row, 0));
    const auto mark = mark_of({body, static_cast<size_t>(sqlite3_column_bytes(row, 0))});
    if (mark.known) result.insert(mark.number);
  });
  return result;
}

uint64_t events_at_risk(const std::string& directory) {
  uint64_t result = 0;
  query(directory, "SELECT sum(count) FROM at_risk",
        [&](sqlite3_stmt* row) { result = static_cast<uint64_t>(sqlite3_column_int64(row, 0)); });
  return result;
}

std::set<uint64_t> abandoned_events(const std::string& directory) {
  const temp_dir copy;
  for (const std::string name : {"spool.sqlite", "spool.sqlite-wal"})
    if (std::filesystem::exists(directory + "/" + name))
      std::filesystem::copy_file(directory + "/" + name, copy / name);
  return spooled_events(copy.path().string());
}

} // namespace senseflow::test

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

} // namespace

void set_format(const std::string& directory, int version) {
  const auto file = directory + "/spool.sqlite";
  const auto db = open(file);
  const auto pragma = "PRAGMA user_version=" + std::to_string(version);
  if (sqlite3_exec(db.get(), pragma.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
    throw trouble(file, db.get());
}

std::set<uint64_t> spooled_events(const std::string& directory) {
  const auto file = directory + "/spool.sqlite";
  const auto db = open(file);
  auto* raw = db.get();
  sqlite3_busy_timeout(raw, 5000);
  // The last one to close would write the log back into the file: not ours to do.
  sqlite3_db_config(raw, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  sqlite3_stmt* query = nullptr;
  if (sqlite3_prepare_v2(raw, "SELECT body FROM event", -1, &query, nullptr) != SQLITE_OK)
    throw trouble(file, raw);
  std::set<uint64_t> result;
  int step = SQLITE_ROW;
  while ((step = sqlite3_step(query)) == SQLITE_ROW) {
    // CBOR; the payload stands in it as it is.
    const auto* body = static_cast<const char*>(sqlite3_column_blob(query, 0));
    const auto mark = mark_of({body, static_cast<size_t>(sqlite3_column_bytes(query, 0))});
    if (mark.known) result.insert(mark.number);
  }
  sqlite3_finalize(query);
  if (step != SQLITE_DONE) throw trouble(file, raw);
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

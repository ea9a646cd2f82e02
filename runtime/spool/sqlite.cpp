#include "runtime/spool/sqlite.hpp"

#include <sqlite3.h>

namespace senseflow::runtime {

namespace {

[[noreturn]] void fail(sqlite3* db, int code) {
  auto text = db != nullptr ? sqlite3_errmsg(db) : sqlite3_errstr(code);
  throw sqlite_error(code & 0xff, text);
}

} // namespace

bool sqlite_error::damaged() const { return code == SQLITE_CORRUPT || code == SQLITE_NOTADB; }

bool sqlite_error::no_space() const {
  return code == SQLITE_FULL || code == SQLITE_IOERR || code == SQLITE_CANTOPEN;
}

void statement::finalizer::operator()(sqlite3_stmt* x) const { sqlite3_finalize(x); }

statement& statement::operator<<(int64_t x) {
  auto rc = sqlite3_bind_int64(handle_.get(), ++bound_, x);
  if (rc != SQLITE_OK) fail(sqlite3_db_handle(handle_.get()), rc);
  return *this;
}

statement& statement::operator<<(std::string_view x) {
  auto rc = sqlite3_bind_text64(handle_.get(), ++bound_, x.data(), x.size(), SQLITE_STATIC, SQLITE_UTF8);
  if (rc != SQLITE_OK) fail(sqlite3_db_handle(handle_.get()), rc);
  return *this;
}

statement& statement::blob(const void* data, size_t size) {
  auto rc = sqlite3_bind_blob64(handle_.get(), ++bound_, data, size, SQLITE_STATIC);
  if (rc != SQLITE_OK) fail(sqlite3_db_handle(handle_.get()), rc);
  return *this;
}

bool statement::next() {
  auto rc = sqlite3_step(handle_.get());
  if (rc == SQLITE_ROW) return true;
  if (rc == SQLITE_DONE) return false;
  auto* db = sqlite3_db_handle(handle_.get());
  sqlite_error error(rc & 0xff, sqlite3_errmsg(db)); // the reset below would change the message
  reset();
  throw error;
}

int64_t statement::integer(int column) const { return sqlite3_column_int64(handle_.get(), column); }

std::string_view statement::text(int column) const {
  auto* bytes = static_cast<const char*>(sqlite3_column_blob(handle_.get(), column));
  auto size = sqlite3_column_bytes(handle_.get(), column);
  return bytes == nullptr ? std::string_view{} : std::string_view{bytes, static_cast<size_t>(size)};
}

void statement::run() {
  while (next()) {
  }
  reset();
}

void statement::reset() {
  sqlite3_reset(handle_.get());
  bound_ = 0;
}

void database::closer::operator()(sqlite3* x) const { sqlite3_close_v2(x); }

database::database(const std::string& file) {
  sqlite3* opened = nullptr;
  auto rc = sqlite3_open_v2(file.c_str(), &opened,
                            SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
  handle_.reset(opened);
  if (rc != SQLITE_OK) fail(opened, rc);
}

void database::execute(const char* sql) {
  auto rc = sqlite3_exec(handle_.get(), sql, nullptr, nullptr, nullptr);
  if (rc != SQLITE_OK) fail(handle_.get(), rc);
}

statement database::prepare(const char* sql) {
  sqlite3_stmt* made = nullptr;
  auto rc = sqlite3_prepare_v3(handle_.get(), sql, -1, SQLITE_PREPARE_PERSISTENT, &made, nullptr);
  if (rc != SQLITE_OK) fail(handle_.get(), rc);
  statement result;
  result.handle_.reset(made);
  return result;
}

int64_t database::integer(const char* sql) {
  auto query = prepare(sql);
  return query.next() ? query.integer(0) : 0;
}

int database::changes() const { return sqlite3_changes(handle_.get()); }

} // namespace senseflow::runtime

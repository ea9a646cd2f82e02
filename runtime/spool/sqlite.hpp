// The little of SQLite that the spool needs: errors as exceptions, statements that are reset by themselves.
#pragma once

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace senseflow::runtime {

struct sqlite_error : std::runtime_error {
  sqlite_error(int c, const std::string& what) : std::runtime_error(what), code(c) {}
  int code; ///< SQLite's primary result code

  /// The file is no database, or a broken one.
  bool damaged() const;
  bool no_space() const; ///< or it looks like that: SQLite does not always say why it can't write
};

/// A prepared statement. Not thread-safe. All functions throw sqlite_error.
class statement {
public:
  statement() = default;

  /// Binds the next parameters, from the first one on after a `reset`.
  statement& operator<<(int64_t x);
  statement& operator<<(std::string_view x);      ///< text; must live until the next reset
  statement& blob(const void* data, size_t size); ///< the same

  /// True as long as there is a row.
  bool next();
  int64_t integer(int column) const;
  std::string_view text(int column) const; ///< also of a blob; until the next step

  /// Executes it to its end, then resets it.
  void run();
  void reset();

private:
  friend class database;
  struct finalizer {
    void operator()(sqlite3_stmt* x) const;
  };
  std::unique_ptr<sqlite3_stmt, finalizer> handle_;
  int bound_ = 0;
};

/// One connection to one file. Not thread-safe.
class database {
public:
  database() = default;
  explicit database(const std::string& file);

  explicit operator bool() const { return handle_ != nullptr; }
  void execute(const char* sql);
  statement prepare(const char* sql);
  int64_t integer(const char* sql); ///< first column of the first row
  int changes() const;              ///< of the last statement

private:
  struct closer {
    void operator()(sqlite3* x) const;
  };
  std::unique_ptr<sqlite3, closer> handle_;
};

} // namespace senseflow::runtime

// SPDX-License-Identifier: Apache-2.0
// A SQLite file with a schema that knows its version: what several processes write into at once,
// and what nothing may tear, whenever one of them is killed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace pangu::adaptive {

/// How a database came to its present schema: script i leads from version i to version i + 1. A
/// script that was released never changes; a change of the schema is one more script.
using Migrations = std::span<const char* const>;

enum class Access { kRead, kWrite };

class Database;

/// One statement with values. Made by Database::statement(), which it must not outlive.
class Statement {
 public:
  Statement(Statement&&) = default;

  /// Values for the ? of the text, from left to right; bind() begins anew after the last step.
  Statement& bind(std::int64_t value);
  Statement& bind(double value);
  Statement& bind(std::string_view value);
  Statement& bind_null();
  Statement& bind(const std::optional<double>& value);

  /// Goes to the next row; false after the last one. Throws FileError.
  bool step();
  /// For statements without rows.
  void run();

  // Of the row, columns counted from 0. A NULL is 0 or empty. Any column of a file can hold any
  // type: what is not of the type asked for is a FileError that names the column.
  std::int64_t integer(int column) const;
  double number(int column) const;
  std::string text(int column) const;
  bool is_null(int column) const;

 private:
  friend class Database;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  Statement(const Database& database, std::string_view sql);
  int next();
  [[noreturn]] void refuse(int column, std::string_view expected) const;

  const Database* database_;
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
  int bound_ = 0;
};

/// An open file. One thread at a time; processes wait for each other up to ten seconds.
class Database {
 public:
  /// Opens the file, for Access::kWrite makes it where it is missing, with its folders, and brings
  /// it to the newest version of the schema. `application` (SQLite's application_id) tells these
  /// files from those of other programs.
  /// Throws FileError naming the file and what to do: it is missing (kRead), no database, another
  /// program's, of a newer schema than `migrations` leads to, of an older one (kRead), damaged, not
  /// writable (kWrite: known before anything is measured), or the disk is full.
  Database(std::filesystem::path file, Access access, std::int32_t application,
           Migrations migrations);

  Statement statement(std::string_view sql) const { return {*this, sql}; }
  /// Statements without values or rows, divided by semicolons.
  void run(const char* sql) const;
  std::int64_t last_row() const;
  /// Rows that the last INSERT, UPDATE or DELETE changed itself.
  std::int64_t changes() const;
  const std::filesystem::path& file() const { return file_; }
  Access access() const { return access_; }

  /// Throws FileError for a result of SQLite that is no success.
  void check(int result, std::string_view doing) const;

 private:
  friend class Statement;
  struct Close {
    void operator()(sqlite3* database) const;
  };
  void open();
  void settle_schema(std::int32_t application, Migrations migrations);
  bool is_current(std::int32_t application, std::int64_t newest, std::int64_t& version) const;
  void migrate(std::int32_t application, Migrations migrations, std::int64_t version) const;
  std::int64_t pragma(const char* name) const;

  std::filesystem::path file_;
  Access access_;
  std::unique_ptr<sqlite3, Close> handle_;
};

/// One view of the file for everything that is read while it lives, whatever others write. Their
/// commits wait for its end, so no long work belongs between.
class View {
 public:
  explicit View(const Database& database);
  ~View();
  View(const View&) = delete;
  View& operator=(const View&) = delete;

 private:
  const Database& database_;
};

/// All or nothing: what is written while it lives is undone unless commit() was reached. Others
/// wait for it, so no long work belongs between.
class Transaction {
 public:
  explicit Transaction(const Database& database);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void commit();

 private:
  const Database& database_;
  bool open_ = true;
};

}  // namespace pangu::adaptive

// SPDX-License-Identifier: Apache-2.0
#include "adaptive/profile/database.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <system_error>
#include <utility>

#include "base/error.h"

namespace pangu::adaptive {
namespace {

/// How another process is waited for: ten seconds at most. SQLite's own way sleeps 100 ms between
/// two tries; beside a process that writes all the time, that hardly ever finds the file free.
constexpr int kPauseMs = 4, kTries = 2'500;

int wait_for_others(void*, int tries) {
  if (tries >= kTries) return 0;
  sqlite3_sleep(kPauseMs);
  return 1;
}

/// What to do about a failure of SQLite.
std::string remedy(int result) {
  if (result == SQLITE_READONLY_DIRECTORY) {
    return "Its folder cannot be written, which a journal beside it needs. Give this user the "
           "right "
           "to, or name a file elsewhere with --db.";
  }
  switch (result & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return "Another process is writing to it. Try again when that is done.";
    case SQLITE_FULL:
      return "The disk is full. Make room, or name a file elsewhere with --db.";
    case SQLITE_NOTADB:
      return "It is no database. Name another file with --db, or move this one away.";
    case SQLITE_CORRUPT:
      return "It is damaged. Move it away: what was measured is then measured anew.";
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return "It cannot be written. Give this user the right to, or name another file with --db.";
    case SQLITE_CANTOPEN:
      return "Check that its folder exists and may be written, or name another file with --db.";
    case SQLITE_IOERR:
      return "The disk failed or is full. Check it, or name a file elsewhere with --db.";
    case SQLITE_CONSTRAINT:
      return "What it belongs to was removed meanwhile. Run the command again.";
    case SQLITE_NOMEM:
      return "Memory ran out. End other programs, and try again.";
    default:
      return "Name another file with --db, or move this one away.";
  }
}

/// SQLite gives names such as ":memory:" and "file:..." a meaning of their own, absolute ones
/// never.
std::filesystem::path absolute_name(const std::filesystem::path& file) {
  if (file.empty()) {
    fail<FileError>("[profile] the name of the database is empty. Name a file with --db.");
  }
  std::error_code error;
  std::filesystem::path out = std::filesystem::absolute(file, error);
  if (!error) return out;
  fail<FileError>(
      "[profile] {} cannot be found from the working folder: {}. Name it with --db and "
      "its whole path.",
      file.string(), error.message());
}

bool is_there(const std::filesystem::path& file) {
  std::error_code error;
  const bool exists = std::filesystem::exists(file, error);
  if (!error) return exists;
  fail<FileError>(
      "[profile] {} cannot be opened: {}. Give this user the right to, or name another "
      "file with --db.",
      file.string(), error.message());
}

void make_folder(const std::filesystem::path& file) {
  const std::filesystem::path folder = file.parent_path();
  if (folder.empty()) return;
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (!error) return;
  fail<FileError>("[profile] the folder {} cannot be made: {}. Name a file elsewhere with --db.",
                  folder.string(), error.message());
}

}  // namespace

void Statement::Finalize::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

Statement::Statement(const Database& database, std::string_view sql) : database_(&database) {
  sqlite3_stmt* statement = nullptr;
  database.check(sqlite3_prepare_v2(database.handle_.get(), sql.data(),
                                    static_cast<int>(sql.size()), &statement, nullptr),
                 "read");
  statement_.reset(statement);
}

int Statement::next() {
  if (bound_ == 0) {
    sqlite3_reset(statement_.get());
    sqlite3_clear_bindings(statement_.get());
  }
  return ++bound_;
}

Statement& Statement::bind(std::int64_t value) {
  database_->check(sqlite3_bind_int64(statement_.get(), next(), value), "written");
  return *this;
}

Statement& Statement::bind(double value) {
  database_->check(sqlite3_bind_double(statement_.get(), next(), value), "written");
  return *this;
}

Statement& Statement::bind(std::string_view value) {
  // An empty view may have no address, which SQLite would take for NULL.
  database_->check(sqlite3_bind_text64(statement_.get(), next(), value.empty() ? "" : value.data(),
                                       value.size(), SQLITE_TRANSIENT, SQLITE_UTF8),
                   "written");
  return *this;
}

Statement& Statement::bind_null() {
  database_->check(sqlite3_bind_null(statement_.get(), next()), "written");
  return *this;
}

Statement& Statement::bind(const std::optional<double>& value) {
  return value ? bind(*value) : bind_null();
}

bool Statement::step() {
  bound_ = 0;
  const int result = sqlite3_step(statement_.get());
  if (result == SQLITE_ROW) return true;
  if (result != SQLITE_DONE) {
    // The statement must not hold a lock while the message is on its way.
    sqlite3_reset(statement_.get());
    database_->check(result, sqlite3_stmt_readonly(statement_.get()) ? "read" : "written");
  }
  return false;
}

void Statement::run() {
  while (step()) {
  }
}

void Statement::refuse(int column, std::string_view expected) const {
  constexpr std::string_view kTypes[] = {"", "an integer", "a number", "text", "bytes", "nothing"};
  const int type = sqlite3_column_type(statement_.get(), column);
  fail<FileError>(
      "[profile] {} holds {} in column {}, where {} was expected: it was edited, or is damaged. "
      "Correct it, or move the file away: what was measured is then measured anew.",
      database_->file().string(), kTypes[type], sqlite3_column_name(statement_.get(), column),
      expected);
}

std::int64_t Statement::integer(int column) const {
  const int type = sqlite3_column_type(statement_.get(), column);
  if (type != SQLITE_INTEGER && type != SQLITE_NULL) refuse(column, "an integer");
  return sqlite3_column_int64(statement_.get(), column);
}

double Statement::number(int column) const {
  const int type = sqlite3_column_type(statement_.get(), column);
  if (type == SQLITE_TEXT || type == SQLITE_BLOB) refuse(column, "a number");
  return sqlite3_column_double(statement_.get(), column);
}

std::string Statement::text(int column) const {
  const int type = sqlite3_column_type(statement_.get(), column);
  if (type != SQLITE_TEXT && type != SQLITE_NULL) refuse(column, "text");
  const auto* bytes = sqlite3_column_text(statement_.get(), column);
  if (!bytes) return {};
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column));
  return {reinterpret_cast<const char*>(bytes), size};
}

bool Statement::is_null(int column) const {
  return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}

void Database::Close::operator()(sqlite3* database) const {
  sqlite3_close_v2(database);
}

Database::Database(std::filesystem::path file, Access access, std::int32_t application,
                   Migrations migrations)
    : file_(std::move(file)), access_(access) {
  open();
  settle_schema(application, migrations);
}

void Database::open() {
  const std::filesystem::path name = absolute_name(file_);
  const bool exists = is_there(file_);
  if (!exists && access_ == Access::kRead) {
    fail<FileError>(
        "[profile] {} does not exist: nothing was measured yet. Run pangu profile MODEL first, or "
        "name the file with --db.",
        file_.string());
  }
  if (!exists) make_folder(file_);
  sqlite3* handle = nullptr;
  // Even who reads only may have to undo what a killed process left half done.
  const int flags = SQLITE_OPEN_READWRITE | (access_ == Access::kWrite ? SQLITE_OPEN_CREATE : 0);
  const int result = sqlite3_open_v2(name.c_str(), &handle, flags, nullptr);
  handle_.reset(handle);  // there is one even where opening failed
  check(result, "opened");
  sqlite3_extended_result_codes(handle, 1);
  sqlite3_busy_handler(handle, wait_for_others, nullptr);
  // What a file from elsewhere says in its schema is data, not code to run.
  sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  run("PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL;");
  if (access_ == Access::kRead) run("PRAGMA query_only = ON;");
}

std::int64_t Database::pragma(const char* name) const {
  Statement query = statement(fmt::format("PRAGMA {}", name));
  return query.step() ? query.integer(0) : 0;
}

bool Database::is_current(std::int32_t application, std::int64_t newest,
                          std::int64_t& version) const {
  const std::int64_t owner = pragma("application_id");
  version = pragma("user_version");
  Statement count = statement("SELECT count(*) FROM sqlite_master");
  const bool is_new = count.step() && count.integer(0) == 0 && owner == 0 && version == 0;
  if (!is_new && owner != application) {
    fail<FileError>(
        "[profile] {} is a database of another program (application_id {}, where {} was expected). "
        "Name another file with --db.",
        file_.string(), owner, application);
  }
  if (version < 0 || version > newest) {
    fail<FileError>(
        "[profile] {} has version {} of the schema, and this pangu knows versions up to {}: a "
        "newer pangu wrote it. Update pangu, or name another file with --db.",
        file_.string(), version, newest);
  }
  return version == newest;
}

void Database::migrate(std::int32_t application, Migrations migrations,
                       std::int64_t version) const {
  for (std::size_t v = static_cast<std::size_t>(version); v < migrations.size(); ++v) {
    run(migrations[v]);
  }
  run(fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {};", application,
                  migrations.size())
          .c_str());
}

void Database::settle_schema(std::int32_t application, Migrations migrations) {
  const auto newest = static_cast<std::int64_t>(migrations.size());
  std::int64_t version = 0;
  if (access_ == Access::kRead) {
    const View view(*this);  // another process may be making the tables
    if (is_current(application, newest, version)) return;
    fail<FileError>(
        "[profile] {} has version {} of the schema, and this pangu reads version {}. Run pangu "
        "profile MODEL, which brings it up to date.",
        file_.string(), version, newest);
  }
  // Whoever is first makes the tables; the other finds them when it gets the lock.
  Transaction transaction(*this);
  if (!is_current(application, newest, version)) {
    migrate(application, migrations, version);
    transaction.commit();
    return;
  }
  // SQLite lets a transaction begin in a file that cannot be written. Who is to measure for an hour
  // learns that now: this is undone at once, and nothing waits for the disk.
  run(fmt::format("PRAGMA user_version = {}", newest).c_str());
}

void Database::run(const char* sql) const {
  check(sqlite3_exec(handle_.get(), sql, nullptr, nullptr, nullptr), "written");
}

std::int64_t Database::last_row() const {
  return sqlite3_last_insert_rowid(handle_.get());
}

std::int64_t Database::changes() const {
  return sqlite3_changes(handle_.get());
}

void Database::check(int result, std::string_view doing) const {
  if (result == SQLITE_OK || result == SQLITE_ROW || result == SQLITE_DONE) return;
  fail<FileError>("[profile] {} cannot be {}: {}. {}", file_.string(), doing,
                  sqlite3_errmsg(handle_.get()), remedy(result));
}

View::View(const Database& database) : database_(database) {
  database_.run("BEGIN");
}

View::~View() {
  try {
    database_.run("COMMIT");
  } catch (const Error&) {
    // SQLite ends it by itself after some errors; nothing was written.
  }
}

Transaction::Transaction(const Database& database) : database_(database) {
  database_.run("BEGIN IMMEDIATE");
}

Transaction::~Transaction() {
  if (!open_) return;
  try {
    database_.run("ROLLBACK");
  } catch (const Error&) {
    // SQLite has undone it already, or does when the file is opened next.
  }
}

void Transaction::commit() {
  database_.run("COMMIT");
  open_ = false;
}

}  // namespace pangu::adaptive

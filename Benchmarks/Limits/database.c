#include "database.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "support.h"

_Noreturn static void fail_in(sqlite3 *database, const char *sql) {
    errno = 0;
    fail("%s: %s", sqlite3_errmsg(database), sql);
}

sqlite3 *open_database(const char *path, int flags) {
    sqlite3 *database;
    if (sqlite3_open_v2(path, &database, flags, NULL) != SQLITE_OK) fail_in(database, path);
    return database;
}

void execute(sqlite3 *database, const char *sql) {
    if (sqlite3_exec(database, sql, NULL, NULL, NULL) != SQLITE_OK) fail_in(database, sql);
}

int64_t query_number(sqlite3 *database, const char *sql) {
    struct row row = prepare(database, sql);
    if (!step(&row)) fail_in(database, sql);
    int64_t number = sqlite3_column_int64(row.statement, 0);
    finish(&row);
    return number;
}

void close_database(sqlite3 *database) {
    if (sqlite3_close(database) != SQLITE_OK) fail_in(database, "close");
}

struct row prepare(sqlite3 *database, const char *sql) {
    struct row row = {.column = 0};
    if (sqlite3_prepare_v3(
            database, sql, -1, SQLITE_PREPARE_PERSISTENT, &row.statement, NULL) != SQLITE_OK)
        fail_in(database, sql);
    return row;
}

struct row prepare_insert(sqlite3 *database, const char *table, int value_count) {
    char sql[512];
    size_t count = (size_t)snprintf(sql, sizeof sql, "INSERT INTO %s VALUES (?", table);
    for (int index = 1; index < value_count; index++)
        count += (size_t)snprintf(sql + count, sizeof sql - count, ", ?");
    snprintf(sql + count, sizeof sql - count, ")");
    return prepare(database, sql);
}

void finish(struct row *row) { sqlite3_finalize(row->statement); }

int step(struct row *row) {
    int result = sqlite3_step(row->statement);
    if (result != SQLITE_ROW && result != SQLITE_DONE)
        fail_in(sqlite3_db_handle(row->statement), sqlite3_sql(row->statement));
    return result == SQLITE_ROW;
}

void reset(struct row *row) {
    sqlite3_reset(row->statement);
    row->column = 0;
}

void run(struct row *row) {
    step(row);
    reset(row);
}

#ifndef LIMITS_DATABASE_H
#define LIMITS_DATABASE_H

#include <sqlite3.h>
#include <stddef.h>
#include <stdint.h>

/* SQLite without ceremony: whatever goes wrong ends the program and says which SQL it was. */

sqlite3 *open_database(const char *path, int flags);
void execute(sqlite3 *database, const char *sql);
int64_t query_number(sqlite3 *database, const char *sql);
void close_database(sqlite3 *database);

/* A prepared statement that is bound column by column, in order. */
struct row {
    sqlite3_stmt *statement;
    int column;
};

struct row prepare(sqlite3 *database, const char *sql);
/* INSERT INTO table with that many values. */
struct row prepare_insert(sqlite3 *database, const char *table, int value_count);
void finish(struct row *row);

static inline void bind_number(struct row *row, int64_t value) {
    sqlite3_bind_int64(row->statement, ++row->column, value);
}
static inline void bind_text(struct row *row, const char *text, size_t count) {
    sqlite3_bind_text(row->statement, ++row->column, text, (int)count, SQLITE_STATIC);
}
static inline void bind_blob(struct row *row, const void *bytes, size_t count) {
    sqlite3_bind_blob(row->statement, ++row->column, bytes, (int)count, SQLITE_STATIC);
}
static inline void bind_null(struct row *row) {
    sqlite3_bind_null(row->statement, ++row->column);
}
#define bind_literal(row, text) bind_text((row), (text), sizeof(text) - 1)

/* Whether there is another row. */
int step(struct row *row);
/* Ready to be bound anew. */
void reset(struct row *row);
/* A statement without rows. */
void run(struct row *row);

#endif

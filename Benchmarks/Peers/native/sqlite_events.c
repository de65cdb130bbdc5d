/* An event table in SQLite, one row an event: WAL, synchronous=FULL (https://sqlite.org/wal.html,
   https://sqlite.org/pragma.html#pragma_synchronous), prepared statements.

   sqlite_events callers|bulk DATABASE ORDERS SECONDS SEED uniform|skewed

   callers: one caller, two transactions an order. bulk: one transaction for 1,000 orders. */
#include "workload.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static sqlite3 *database;

static void check(bool holds, const char *what) {
    if (!holds) stop_with(what, sqlite3_errmsg(database));
}

static void run(const char *sql) {
    check(sqlite3_exec(database, sql, NULL, NULL, NULL) == SQLITE_OK, sql);
}

static sqlite3_stmt *prepared(const char *sql) {
    sqlite3_stmt *statement;
    check(sqlite3_prepare_v2(database, sql, -1, &statement, NULL) == SQLITE_OK, sql);
    return statement;
}

static void step(sqlite3_stmt *statement) {
    check(sqlite3_step(statement) == SQLITE_DONE, sqlite3_sql(statement));
    sqlite3_reset(statement);
}

static void insert(sqlite3_stmt *statement, const struct order *order, int first, int last) {
    for (int revision = first; revision <= last; revision++) {
        struct payload payload;
        encode_event(order, (enum event_type)revision, &payload);
        sqlite3_bind_int64(statement, 1, (sqlite3_int64)order->number);
        sqlite3_bind_int(statement, 2, revision);
        sqlite3_bind_int(statement, 3, revision);
        sqlite3_bind_blob(statement, 4, payload.bytes, (int)payload.length, SQLITE_STATIC);
        step(statement);
    }
}

static double replay(uint64_t orders) {
    sqlite3_stmt *select = prepared("SELECT type, payload FROM events ORDER BY position");
    double start = seconds_now();
    uint64_t count = 0;
    while (sqlite3_step(select) == SQLITE_ROW) {
        int64_t units = decode_event(
            (enum event_type)sqlite3_column_int(select, 0), sqlite3_column_blob(select, 1),
            (size_t)sqlite3_column_bytes(select, 1));
        if (units < 0) stop_with("replay", "an event that was stored cannot be decoded");
        count++;
    }
    if (count != orders * EVENTS_PER_ORDER) stop_with("replay", "not every stored event came back");
    sqlite3_finalize(select);
    return (double)count / (seconds_now() - start);
}

int main(int argc, char **argv) {
    if (argc == 2 && strcmp(argv[1], "version") == 0) return puts(sqlite3_libversion()) < 0;
    if (argc != 7) stop_with("usage", "callers|bulk DATABASE ORDERS SECONDS SEED uniform|skewed");
    bool bulk = strcmp(argv[1], "bulk") == 0;
    uint64_t orders = strtoull(argv[3], NULL, 10);
    double seconds = atof(argv[4]);
    struct stream stream = stream_from(strtoull(argv[5], NULL, 10), strcmp(argv[6], "skewed") == 0);

    check(sqlite3_open(argv[2], &database) == SQLITE_OK, argv[2]);
    run("PRAGMA journal_mode = WAL");
    run("PRAGMA synchronous = FULL");
    run("CREATE TABLE events (position INTEGER PRIMARY KEY, stream INTEGER NOT NULL,"
        " revision INTEGER NOT NULL, type INTEGER NOT NULL, payload BLOB NOT NULL,"
        " UNIQUE (stream, revision))");
    sqlite3_stmt *begin = prepared("BEGIN IMMEDIATE"), *commit = prepared("COMMIT");
    sqlite3_stmt *statement =
        prepared("INSERT INTO events (stream, revision, type, payload) VALUES (?, ?, ?, ?)");

    double *latencies = malloc(orders * sizeof *latencies);
    if (!latencies) stop_with("memory", "too many orders");
    double start = seconds_now(), before = start;
    uint64_t count = 0;
    while (count < orders && before - start < seconds) {
        uint64_t group = bulk ? (orders - count < GROUP ? orders - count : GROUP) : 1;
        step(begin);
        for (uint64_t left = group; left > 0; left--) {
            struct order order;
            next_order(&stream, &order);
            insert(statement, &order, 1, bulk ? EVENTS_PER_ORDER : FIRST_BATCH);
            if (bulk) continue;
            step(commit);
            step(begin);
            insert(statement, &order, FIRST_BATCH + 1, EVENTS_PER_ORDER);
        }
        step(commit);
        double after = seconds_now();
        latencies[count] = after - before;
        count += group;
        before = after;
    }

    struct measurement measured = {.orders = count, .seconds = before - start};
    if (!bulk) measured.latencies = latencies;
    run("PRAGMA wal_checkpoint(TRUNCATE)");
    struct stat file;
    if (stat(argv[2], &file) != 0) stop_with(argv[2], "cannot be measured");
    measured.bytes_per_order = (double)file.st_size / (double)count;
    measured.replay_events_per_second = replay(count);
    print_measurement(&measured);
    sqlite3_finalize(begin);
    sqlite3_finalize(commit);
    sqlite3_finalize(statement);
    sqlite3_close(database);
    free(latencies);
}

#include <sqlite3.h>

// Two variadic functions, which Swift cannot call.

/// Whether the connection refuses what could make SQL damage its file.
static inline int daybook_sqlite_be_defensive(sqlite3 *connection) {
    int is_defensive = 0;
    return sqlite3_db_config(connection, SQLITE_DBCONFIG_DEFENSIVE, 1, &is_defensive) == SQLITE_OK
        && is_defensive;
}

/// Refused once SQLite is in use in this process.
static inline int daybook_sqlite_stop_counting_memory(void) {
    return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

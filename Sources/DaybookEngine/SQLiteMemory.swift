internal import CSQLite

/// How SQLite counts its memory in the whole process; so for the program to decide, and not for a library.
public enum SQLiteMemory {
    /// SQLite keeps no sum of the memory that it has.
    ///
    /// By default each of its allocations, on whichever thread, takes one lock of the process to add to that sum;
    /// Daybook's projectors and readers allocate side by side all the time (ADR 0039). The `daybook` tool does
    /// this; a program that asks for `sqlite3_memory_used` or sets a heap limit should not.
    ///
    /// To be called first in `main`: once SQLite is in use it changes nothing.
    public static func stopCounting() {
        // It can only refuse, and then the sum is kept as it is by default.
        _ = daybook_sqlite_stop_counting_memory()
    }
}

internal import CSQLite
internal import GRDB

extension Configuration {
    /// What every connection to a read model has in common.
    ///
    /// Source: SECURITY.md section 4.
    static var readModel: Configuration {
        var configuration = readModelInPreparation
        configuration.prepareDatabase { try $0.becomeDefensive() }
        return configuration
    }

    /// A connection to a file that nobody else has yet: it may have no journal, which a defensive one must.
    static var readModelInPreparation: Configuration {
        var configuration = Configuration()
        configuration.foreignKeysEnabled = false
        configuration.prepareDatabase { database in
            try database.execute(
                sql: """
                    PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0
                    """)
        }
        return configuration
    }

    /// A connection that answers questions.
    ///
    /// Its cache holds the inner pages of the trees of a million orders, so that a question reads leaves
    /// only; SQLite's 2 MB do not, and every page that is missing costs a call and a copy.
    static var readModelReader: Configuration {
        var configuration = readModel
        configuration.readonly = true
        configuration.busyMode = .timeout(5)
        configuration.prepareDatabase { try $0.execute(sql: "PRAGMA cache_size = -8192") }
        return configuration
    }
}

extension Database {
    /// Refuses from now on what could make SQL damage the file: writing to its schema, or going without a journal.
    fileprivate func becomeDefensive() throws {
        guard daybook_sqlite_be_defensive(sqliteConnection) != 0 else {
            throw ReadModelError(
                code: .io, message: "it knows no defensive mode; 3.26 or newer does", path: "SQLite"
            )
        }
    }

    /// Marks the file as a read model of Daybook, for `file` and for our own checks.
    func setReadModelFormat() throws {
        try execute(sql: "PRAGMA application_id = \(Database.readModelApplicationID)")
    }

    /// "DYBK" in ASCII.
    static let readModelApplicationID = 0x4459_424B
}

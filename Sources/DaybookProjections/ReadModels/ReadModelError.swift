internal import GRDB

/// A read model's file could not be read or written.
public struct ReadModelError: Error, CustomStringConvertible {
    public enum Code: String, Sendable {
        /// Another connection holds the file; try again.
        case busy
        /// The disk is full; projecting pauses until there is room.
        case full
        /// The operating system refused or failed.
        case io
        /// The content is not what was written; set the file aside and rebuild it.
        case damaged
        /// The file's tables are those of another program.
        case otherSchema = "other_schema"
        /// Another process projects into this file too, and was faster; open it anew.
        case outpaced
        /// An error in the program.
        case misuse
    }

    public let code: Code
    public let message: String
    public let path: String

    package init(code: Code, message: String, path: String) {
        self.code = code
        self.message = message
        self.path = path
    }

    /// Whether the same step may succeed later without a change of the file.
    public var isTransient: Bool { code == .busy || code == .full || code == .io }

    public var description: String { "\(path): \(message) (\(code.rawValue))" }

    /// Translates SQLite's words.
    init(_ error: DatabaseError, path: String) {
        let code: Code =
            switch error.resultCode {
            case .SQLITE_BUSY, .SQLITE_LOCKED: .busy
            case .SQLITE_FULL: .full
            case .SQLITE_IOERR, .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_READONLY: .io
            case .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_FORMAT: .damaged
            default: .misuse
            }
        self.init(code: code, message: error.description, path: path)
    }

    /// Runs `body`; whatever SQLite throws comes out as a `ReadModelError`.
    static func translating<Value>(
        path: String, _ body: () throws -> Value
    ) throws -> Value {
        do {
            return try body()
        } catch let error as DatabaseError {
            throw ReadModelError(error, path: path)
        }
    }
}

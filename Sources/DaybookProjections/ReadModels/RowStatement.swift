package import DaybookCore
package import GRDB
internal import GRDBSQLite

/// A prepared statement, bound and stepped directly: values go to SQLite without GRDB's boxes.
///
/// Arguments are bound left to right. It belongs to one connection and is used on that connection's
/// queue only. Measured: STACK.md section 1, hybrid.
package final class RowStatement {
    private let statement: Statement
    private let handle: OpaquePointer
    private var nextArgument: Int32 = 1
    /// The bytes of texts and identifiers until the statement has run: SQLite would allocate a copy of
    /// each, which costs as much as storing it.
    private let argumentBytes = UnsafeMutableRawPointer.allocate(
        byteCount: RowStatement.argumentCapacity, alignment: 8)
    private var usedArgumentBytes = 0
    private static let argumentCapacity = 4_096

    package init(_ statement: Statement) {
        self.statement = statement
        self.handle = statement.sqliteStatement
    }

    deinit {
        // The statement may go on in a cache; what it points to is bound anew before it runs again.
        argumentBytes.deallocate()
    }

    package convenience init(_ database: Database, _ sql: String) throws {
        self.init(try database.makeStatement(sql: sql))
    }

    // MARK: Arguments

    package func bind(_ value: Int64) {
        check(sqlite3_bind_int64(handle, nextArgument, value))
        nextArgument += 1
    }

    package func bind(_ value: Int64?) {
        if let value { bind(value) } else { bindNull() }
    }

    package func bind(_ value: Bool) { bind(value ? 1 as Int64 : 0) }

    package func bind(_ value: Instant) { bind(value.microseconds) }

    package func bind(_ value: LogPosition) { bind(Int64(bitPattern: value.rawValue)) }

    package func bind(_ value: Instant?) { bind(value?.microseconds) }

    package func bind(_ text: String) {
        var text = text
        let code = text.withUTF8 { bytes in
            guard let start = bytes.baseAddress, !bytes.isEmpty else {
                return sqlite3_bind_text(handle, nextArgument, "", 0, RowStatement.copied)
            }
            let kept = keep(UnsafeRawBufferPointer(bytes))
            return (kept ?? UnsafeRawPointer(start)).withMemoryRebound(
                to: CChar.self, capacity: bytes.count
            ) {
                sqlite3_bind_text(
                    handle, nextArgument, $0, Int32(bytes.count),
                    kept == nil ? RowStatement.copied : nil)
            }
        }
        check(code)
        nextArgument += 1
    }

    /// Binds UTF-8 as a text.
    package func bind(utf8 bytes: UnsafeRawBufferPointer) {
        let kept = keep(bytes)
        let code: Int32 =
            if let start = kept ?? bytes.baseAddress, !bytes.isEmpty {
                sqlite3_bind_text(
                    handle, nextArgument, start.assumingMemoryBound(to: CChar.self),
                    Int32(bytes.count), kept == nil ? RowStatement.copied : nil)
            } else {
                sqlite3_bind_text(handle, nextArgument, "", 0, RowStatement.copied)
            }
        check(code)
        nextArgument += 1
    }

    package func bind(_ text: String?) {
        if let text { bind(text) } else { bindNull() }
    }

    /// Binds the 16 big-endian bytes of an identifier.
    package func bind(identifier: UInt128) { bind(identifier, 0..<16) }

    package func bind(identifier: UInt128?) {
        if let identifier { bind(identifier: identifier) } else { bindNull() }
    }

    /// Binds the bytes of an identifier behind those that it begins with like another.
    package func bind(identifier: UInt128?, behind other: UInt128) {
        guard let identifier else { return bindNull() }
        let common = (identifier ^ other).leadingZeroBitCount / 8
        bind(identifier, common..<16)
    }

    /// Binds the first bytes of an identifier.
    package func bind(startOf identifier: UInt128, byteCount: Int) {
        bind(identifier, 0..<byteCount)
    }

    private func bind(_ identifier: UInt128, _ range: Range<Int>) {
        let code = withUnsafeBytes(of: identifier.bigEndian) { bytes in
            let part = UnsafeRawBufferPointer(rebasing: bytes[range])
            let kept = keep(part)
            return part.isEmpty
                ? sqlite3_bind_zeroblob(handle, nextArgument, 0)
                : sqlite3_bind_blob(
                    handle, nextArgument, kept ?? part.baseAddress, Int32(part.count),
                    kept == nil ? RowStatement.copied : nil)
        }
        check(code)
        nextArgument += 1
    }

    package func bind(bytes: [UInt8]) {
        let code = bytes.withUnsafeBytes { buffer in
            buffer.isEmpty
                ? sqlite3_bind_zeroblob(handle, nextArgument, 0)
                : sqlite3_bind_blob(
                    handle, nextArgument, buffer.baseAddress, Int32(buffer.count),
                    RowStatement.copied)
        }
        check(code)
        nextArgument += 1
    }

    package func bind(bytes: [UInt8]?) {
        if let bytes { bind(bytes: bytes) } else { bindNull() }
    }

    package func bindNull() {
        check(sqlite3_bind_null(handle, nextArgument))
        nextArgument += 1
    }

    // MARK: Steps

    /// Executes a statement that gives no rows, and makes it ready for the next arguments.
    package func run() throws {
        let code = sqlite3_step(handle)
        guard code == SQLITE_DONE || code == SQLITE_ROW else { throw failure(code) }
        reset()
    }

    /// Goes to the next row; at the end the statement is ready for the next arguments.
    package func step() throws -> Bool {
        switch sqlite3_step(handle) {
        case SQLITE_ROW: return true
        case SQLITE_DONE:
            reset()
            return false
        case let code: throw failure(code)
        }
    }

    /// Ends a reading before its last row.
    package func reset() {
        sqlite3_reset(handle)
        nextArgument = 1
        usedArgumentBytes = 0
    }

    // MARK: Columns, 0-based

    package func isNull(_ column: Int32) -> Bool {
        sqlite3_column_type(handle, column) == SQLITE_NULL
    }

    package func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }

    package func optionalInteger(_ column: Int32) -> Int64? {
        isNull(column) ? nil : integer(column)
    }

    package func flag(_ column: Int32) -> Bool { integer(column) != 0 }

    package func instant(_ column: Int32) -> Instant { Instant(microseconds: integer(column)) }

    package func position(_ column: Int32) -> LogPosition {
        LogPosition(rawValue: UInt64(bitPattern: integer(column)))
    }

    package func optionalInstant(_ column: Int32) -> Instant? {
        isNull(column) ? nil : instant(column)
    }

    package func text(_ column: Int32) -> String {
        String(decoding: textBytes(column), as: UTF8.self)
    }

    package func optionalText(_ column: Int32) -> String? { isNull(column) ? nil : text(column) }

    /// The bytes of a text, valid until the next step.
    package func textBytes(_ column: Int32) -> UnsafeRawBufferPointer {
        guard let start = sqlite3_column_text(handle, column) else {
            return .init(start: nil, count: 0)
        }
        return UnsafeRawBufferPointer(
            start: start, count: Int(sqlite3_column_bytes(handle, column)))
    }

    /// The bytes of a blob, valid until the next step.
    package func blob(_ column: Int32) -> UnsafeRawBufferPointer {
        guard let start = sqlite3_column_blob(handle, column) else {
            return .init(start: nil, count: 0)
        }
        return UnsafeRawBufferPointer(
            start: start, count: Int(sqlite3_column_bytes(handle, column)))
    }

    package func bytes(_ column: Int32) -> [UInt8] { Array(blob(column)) }

    package func optionalBytes(_ column: Int32) -> [UInt8]? { isNull(column) ? nil : bytes(column) }

    /// An identifier of 16 bytes; 0 when the blob has another length.
    package func identifier(_ column: Int32) -> UInt128 {
        let bytes = blob(column)
        guard bytes.count == 16 else { return 0 }
        return UInt128(bigEndian: bytes.loadUnaligned(as: UInt128.self))
    }

    /// What ``bind(identifier:behind:)`` bound; `nil` for NULL, 0 for what is too long.
    package func optionalIdentifier(_ column: Int32, behind other: UInt128) -> UInt128? {
        guard !isNull(column) else { return nil }
        let end = blob(column)
        guard end.count <= 16 else { return 0 }
        var bytes = other.bigEndian
        withUnsafeMutableBytes(of: &bytes) { bytes in
            UnsafeMutableRawBufferPointer(rebasing: bytes[(16 - end.count)...]).copyMemory(
                from: end)
        }
        return UInt128(bigEndian: bytes)
    }

    package func optionalIdentifier(_ column: Int32) -> UInt128? {
        isNull(column) ? nil : identifier(column)
    }

    /// What SQLite holds in the column: one of `SQLITE_INTEGER`, `_TEXT`, `_BLOB`, `_NULL`.
    package func storedKind(_ column: Int32) -> StoredKind {
        switch sqlite3_column_type(handle, column) {
        case SQLITE_INTEGER: .integer
        case SQLITE_TEXT: .text
        case SQLITE_BLOB: .blob
        default: .null
        }
    }

    package enum StoredKind { case null, integer, text, blob }

    // MARK: Private

    /// - Returns: where the bytes stay until the next arguments; `nil` when there is no room.
    @inline(__always)
    private func keep(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawPointer? {
        guard let source = bytes.baseAddress,
            usedArgumentBytes + bytes.count <= RowStatement.argumentCapacity
        else { return nil }
        let place = argumentBytes + usedArgumentBytes
        place.copyMemory(from: source, byteCount: bytes.count)
        usedArgumentBytes += bytes.count
        return UnsafeRawPointer(place)
    }

    private static let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

    private func check(_ code: Int32) {
        precondition(code == SQLITE_OK, "RowStatement: an argument was refused, code \(code)")
    }

    private func failure(_ code: Int32) -> DatabaseError {
        let message = String(cString: sqlite3_errmsg(sqlite3_db_handle(handle)))
        reset()
        return DatabaseError(
            resultCode: ResultCode(rawValue: code), message: message, sql: statement.sql)
    }
}

/// What one table holds, as one number that does not depend on the order of its rows.
///
/// Equal digests prove that a rebuild equals what was projected step by step.
package struct TableDigest: Hashable, Sendable, CustomStringConvertible {
    package var table: String
    package var rowCount: Int
    /// The sum modulo 2^128 of the rows' hashes.
    package var digest: RowHash

    package init(table: String, rowCount: Int, digest: RowHash) {
        self.table = table
        self.rowCount = rowCount
        self.digest = digest
    }

    package var description: String { "\(table) \(rowCount) \(digest)" }
}

extension [TableDigest] {
    /// One number for the whole file.
    package var combined: RowHash {
        RowHash(of: [UInt8](map(\.description).joined(separator: "\n").utf8))
    }
}

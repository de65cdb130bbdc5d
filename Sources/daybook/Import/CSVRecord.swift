/// One field of a CSV record, still in the reader's buffer.
struct CSVField {
    /// What stands between the commas or the outer quotes, in place.
    var bytes: UnsafeRawBufferPointer
    /// Whether `bytes` holds quotes in their doubled form.
    var hasDoubledQuotes: Bool

    /// The field as text; bytes that are not UTF-8 become U+FFFD.
    var text: String {
        guard hasDoubledQuotes else { return String(decoding: bytes, as: UTF8.self) }
        return String(decoding: unescapedBytes, as: UTF8.self)
    }

    var unescapedBytes: [UInt8] {
        guard hasDoubledQuotes else { return Array(bytes) }
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            result.append(bytes[index])
            index += bytes[index] == CSVReader.quote ? 2 : 1
        }
        return result
    }
}

/// One record of a CSV file.
///
/// The fields are valid inside the closure that lent the record; nothing is copied until asked for.
struct CSVRecord {
    /// From 1; the header is row 1. A quoted line break does not start another row.
    var rowNumber: Int
    /// Where the record's bytes are in the input, without the line break.
    var byteOffset: Int
    var byteCount: Int
    /// What breaks RFC 4180, if anything; then there are no fields.
    var flaw: String?
    var fields: [CSVField]
}

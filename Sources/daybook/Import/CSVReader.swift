/// Reads comma-separated values from a stream of bytes with one pass and without a copy per field.
///
/// Lines end with LF or CR LF, the last one also with the end of the input; a field in quotes may
/// hold commas, line breaks and doubled quotes. A record that breaks the grammar is reported with
/// its flaw and reading goes on at the next line, so that one bad row cannot hide the rows after
/// it.
///
/// Source: RFC 4180.
final class CSVReader {
    /// Fills the buffer from its start; returns the byte count, 0 at the end of the input.
    typealias Source = (UnsafeMutableRawBufferPointer) throws -> Int

    static let quote = UInt8(ascii: "\"")
    private static let comma = UInt8(ascii: ",")
    private static let lineFeed = UInt8(ascii: "\n")
    private static let carriageReturn = UInt8(ascii: "\r")

    /// A record may not be longer: a quote that nobody closes would otherwise swallow the file.
    static let recordByteLimit = 1 << 20

    private let source: Source
    // Unchecked exclusivity: one thread uses a reader, and neither the source nor who gets a record has hold of it.
    @exclusivity(unchecked) private var buffer: UnsafeMutableRawBufferPointer
    /// The unread part of the buffer.
    @exclusivity(unchecked) private var unread = 0..<0
    @exclusivity(unchecked) private var inputEnded = false
    /// Where `unread` begins in the input.
    private var byteOffset = 0
    private var rowNumber = 0
    @exclusivity(unchecked) private var fields: [CSVField] = []

    /// - Parameter chunkByteCount: how much is asked of the source at a time.
    init(chunkByteCount: Int = 1 << 18, source: @escaping Source) {
        precondition(chunkByteCount > 0, "CSVReader: a chunk holds at least one byte")
        self.source = source
        buffer = .allocate(byteCount: chunkByteCount, alignment: 16)
    }

    deinit { buffer.deallocate() }

    /// The next record, or `nil` at the end of the input.
    ///
    /// - Throws: what the source throws.
    func next<Result>(_ body: (CSVRecord) throws -> Result) throws -> Result? {
        while true {
            guard !unread.isEmpty else {
                guard try fill() else { return nil }
                continue
            }
            let scan = scanRecord()
            guard let scan else {
                guard try fill() else { preconditionFailure("CSVReader: the end closes a record") }
                continue
            }
            rowNumber += 1
            let record = CSVRecord(
                rowNumber: rowNumber, byteOffset: byteOffset, byteCount: scan.byteCount,
                flaw: scan.flaw, fields: scan.flaw == nil ? fields : [])
            byteOffset += scan.nextOffset
            unread = unread.lowerBound + scan.nextOffset..<unread.upperBound
            return try body(record)
        }
    }

    /// Gets more of the input behind the unread bytes, which move to the front.
    private func fill() throws -> Bool {
        guard !inputEnded else { return false }
        if unread.count == buffer.count {
            let larger = UnsafeMutableRawBufferPointer.allocate(
                byteCount: buffer.count * 2, alignment: 16)
            larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[unread]))
            buffer.deallocate()
            buffer = larger
        } else if unread.lowerBound > 0 {
            buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[unread]))
        }
        unread = 0..<unread.count
        let byteCount = try source(UnsafeMutableRawBufferPointer(rebasing: buffer[unread.count...]))
        inputEnded = byteCount == 0
        unread = 0..<unread.count + byteCount
        return true
    }
}

// MARK: - Grammar

extension CSVReader {
    /// A record that was found at the start of the unread bytes.
    private struct Scan {
        /// Without the line break.
        var byteCount: Int
        /// Where the next record starts.
        var nextOffset: Int
        var flaw: String?
    }

    /// How a field ended.
    private enum FieldEnd {
        case comma(next: Int)
        case line(Scan)
        case flawed(String)
        /// More of the input is needed to tell.
        case undecided
    }

    /// Finds one record at the start of the unread bytes; `nil` when it does not end in them.
    private func scanRecord() -> Scan? {
        let bytes = UnsafeRawBufferPointer(rebasing: buffer[unread])
        fields.removeAll(keepingCapacity: true)
        var index = 0
        while true {
            let end =
                if index < bytes.count, bytes[index] == CSVReader.quote {
                    quotedField(bytes, from: index + 1)
                } else {
                    plainField(bytes, from: index)
                }
            switch end {
            case .comma(let next): index = next
            case .line(let scan): return scan
            case .flawed(let flaw): return flawedLine(bytes, flaw)
            case .undecided:
                guard inputEnded || bytes.count > CSVReader.recordByteLimit else { return nil }
                return flawedLine(bytes, "a quoted field is not closed")
            }
        }
    }

    private func plainField(_ bytes: UnsafeRawBufferPointer, from start: Int) -> FieldEnd {
        var index = start
        while index < bytes.count {
            let byte = bytes[index]
            // Letters and digits, which are most of what there is, lie behind all that ends a field.
            guard byte <= CSVReader.comma else {
                index += 1
                continue
            }
            if byte == CSVReader.comma {
                append(bytes, start..<index)
                return .comma(next: index + 1)
            }
            if byte == CSVReader.lineFeed {
                let isPair = index > start && bytes[index - 1] == CSVReader.carriageReturn
                let end = isPair ? index - 1 : index
                append(bytes, start..<end)
                return .line(Scan(byteCount: end, nextOffset: index + 1, flaw: nil))
            }
            if byte == CSVReader.quote {
                return .flawed("a quote stands inside a field without quotes")
            }
            index += 1
        }
        guard inputEnded else { return .undecided }
        // A lone CR at the very end is a line break that lost its second half.
        let isCut = index > start && bytes[index - 1] == CSVReader.carriageReturn
        let end = isCut ? index - 1 : index
        append(bytes, start..<end)
        return .line(Scan(byteCount: end, nextOffset: index, flaw: nil))
    }

    private func quotedField(_ bytes: UnsafeRawBufferPointer, from start: Int) -> FieldEnd {
        var index = start
        var hasDoubledQuotes = false
        while index < bytes.count {
            guard bytes[index] == CSVReader.quote else {
                index += 1
                continue
            }
            guard index + 1 < bytes.count || inputEnded else { return .undecided }
            if index + 1 < bytes.count, bytes[index + 1] == CSVReader.quote {
                hasDoubledQuotes = true
                index += 2
                continue
            }
            append(bytes, start..<index, hasDoubledQuotes: hasDoubledQuotes)
            return afterQuote(bytes, from: index + 1)
        }
        return .undecided
    }

    /// What follows a closing quote: a comma, a line break or the end.
    private func afterQuote(_ bytes: UnsafeRawBufferPointer, from index: Int) -> FieldEnd {
        guard index < bytes.count else {
            return .line(Scan(byteCount: index, nextOffset: index, flaw: nil))
        }
        switch bytes[index] {
        case CSVReader.comma: return .comma(next: index + 1)
        case CSVReader.lineFeed:
            return .line(Scan(byteCount: index, nextOffset: index + 1, flaw: nil))
        case CSVReader.carriageReturn:
            guard index + 1 < bytes.count else {
                guard inputEnded else { return .undecided }
                return .line(Scan(byteCount: index, nextOffset: index + 1, flaw: nil))
            }
            guard bytes[index + 1] == CSVReader.lineFeed else { break }
            return .line(Scan(byteCount: index, nextOffset: index + 2, flaw: nil))
        default: break
        }
        return .flawed("text follows a closing quote")
    }

    /// Gives up on a record: it ends at its first line break.
    private func flawedLine(_ bytes: UnsafeRawBufferPointer, _ flaw: String) -> Scan? {
        if let lineFeed = bytes.firstIndex(of: CSVReader.lineFeed) {
            let isPair = lineFeed > 0 && bytes[lineFeed - 1] == CSVReader.carriageReturn
            let end = isPair ? lineFeed - 1 : lineFeed
            return Scan(byteCount: end, nextOffset: lineFeed + 1, flaw: flaw)
        }
        guard inputEnded || bytes.count > CSVReader.recordByteLimit else { return nil }
        return Scan(byteCount: bytes.count, nextOffset: bytes.count, flaw: flaw)
    }

    private func append(
        _ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, hasDoubledQuotes: Bool = false
    ) {
        fields.append(
            CSVField(
                bytes: UnsafeRawBufferPointer(rebasing: bytes[range]),
                hasDoubledQuotes: hasDoubledQuotes))
    }
}

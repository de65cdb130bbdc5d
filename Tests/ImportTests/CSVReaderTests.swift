import Testing

@testable import daybook

@Suite struct `CSV reader` {
    /// Feeds the text in chunks of the given size and returns the rows as text.
    private func rows(_ text: String, chunk: Int = 1 << 18) throws -> [[String]] {
        try records(text, chunk: chunk).map { $0.flaw.map { ["flaw: \($0)"] } ?? $0.fields }
    }

    private struct Row: Equatable {
        var number: Int
        var offset: Int
        var byteCount: Int
        var flaw: String?
        var fields: [String]
    }

    private func records(_ text: String, chunk: Int = 1 << 18) throws -> [Row] {
        var result: [Row] = []
        let reader = CSVReader(chunkByteCount: chunk, source: ChunkedText(text).read)
        while let row = try reader.next({ record in
            Row(
                number: record.rowNumber, offset: record.byteOffset, byteCount: record.byteCount,
                flaw: record.flaw, fields: record.fields.map(\.text))
        }) {
            result.append(row)
        }
        return result
    }

    @Test func `given plain rows, when read, then each field stands alone`() throws {
        #expect(try rows("a,b,c\n1,,3\n") == [["a", "b", "c"], ["1", "", "3"]])
    }

    @Test func `given quoted fields, when read, then commas and line breaks in them are text`()
        throws
    {
        #expect(try rows("\"a,b\",\"c\nd\",e\nf\n") == [["a,b", "c\nd", "e"], ["f"]])
    }

    @Test func `given doubled quotes, when read, then each pair is one quote`() throws {
        #expect(
            try rows("\"DOORMAT \"\"HOME\"\"\",1\n\"\"\"\",2\n\"\",3\n")
                == [["DOORMAT \"HOME\"", "1"], ["\"", "2"], ["", "3"]])
    }

    @Test func `given CR LF line ends, when read, then no CR stays in a field`() throws {
        #expect(
            try rows("a,b\r\n\"c\",\"d\"\r\ne,f\r\n") == [["a", "b"], ["c", "d"], ["e", "f"]])
    }

    @Test func `given no line break at the end, when read, then the last row counts`() throws {
        #expect(try rows("a,b\nc,d") == [["a", "b"], ["c", "d"]])
        #expect(try rows("a,b\nc,\"d\"") == [["a", "b"], ["c", "d"]])
        #expect(try rows("a,b\nc,") == [["a", "b"], ["c", ""]])
        #expect(try rows("a,b\nc,d\r") == [["a", "b"], ["c", "d"]])
    }

    @Test func `given an empty input, when read, then there is no row`() throws {
        #expect(try rows("") == [])
    }

    @Test func `given a quote inside a plain field, when read, then only that row is flawed`()
        throws
    {
        #expect(
            try rows("a\"b,c\nd,e\n")
                == [["flaw: a quote stands inside a field without quotes"], ["d", "e"]])
    }

    @Test func `given text after a closing quote, when read, then only that row is flawed`() throws
    {
        #expect(
            try rows("\"a\"b,c\nd,e\n") == [["flaw: text follows a closing quote"], ["d", "e"]])
    }

    @Test func `given a quote that nobody closes, when read, then the rows after it survive`()
        throws
    {
        #expect(
            try rows("1,a\n2,\"b\n3,c\n4,d\n")
                == [["1", "a"], ["flaw: a quoted field is not closed"], ["3", "c"], ["4", "d"]])
    }

    @Test func `given a record beyond the limit, when read, then the next line goes on`() throws {
        let long = String(repeating: "x", count: CSVReader.recordByteLimit + 10)
        #expect(
            try rows("1,\"a\n\(long)\n3,c\n", chunk: 65_536).map(\.count) == [1, 1, 2])
    }

    @Test func `given rows, when read, then their numbers, offsets and lengths are exact`() throws {
        let text = "h\r\n\"a\nb\",c\nd"
        let found = try records(text).map { [$0.number, $0.offset, $0.byteCount] }
        #expect(found == [[1, 0, 1], [2, 3, 7], [3, 11, 1]])
    }

    @Test func `given every chunk size, when read, then the rows are the same`() throws {
        let text =
            "h1,h2\r\n\"a,\"\"b\"\"\",\"c\r\nd\"\r\n,\nx\"y,z\n\"k\"l\n\"£ é\",\"m\"\r\nlast,\"q\"\"\""
        let expected = try records(text)
        #expect(expected.map(\.number) == [1, 2, 3, 4, 5, 6, 7])
        #expect(expected[1].fields == ["a,\"b\"", "c\r\nd"])
        #expect(expected[5].fields == ["£ é", "m"])
        #expect(expected[6].fields == ["last", "q\""])
        for chunk in 1...text.utf8.count + 1 {
            #expect(try records(text, chunk: chunk) == expected, "chunk of \(chunk) bytes")
        }
    }
}

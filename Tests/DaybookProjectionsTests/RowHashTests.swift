import DaybookProjections
import Testing

@Suite struct `Row hash` {
    /// Source: SipHash reference implementation, vectors_sip128.
    @Test(arguments: [
        (0, "a3817f04ba25a8e66df67214c7550293"), (1, "da87c1d86b99af44347659119b22fc45"),
        (2, "8177228da4a45dc7fca38bdef60affe4"), (3, "9c70b60c5267a94e5f33b6b02985ed51"),
        (8, "3b62a9ba6258f5610f83e264f31497b4"),
    ])
    func `given the published vectors, when hashed, then the published values come out`(
        count: Int, expected: String
    ) {
        let message = (0..<count).map { UInt8($0) }
        #expect(RowHash(of: message).hexadecimal == expected)
    }

    @Test func `given rows in two orders, when summed, then the sums are equal`() {
        let rows = [[1, 2], [3], [4, 5, 6]].map { RowHash(of: $0) }
        var forwards = RowHash.zero
        var backwards = RowHash.zero
        for row in rows { forwards &+= row }
        for row in rows.reversed() { backwards &+= row }
        #expect(forwards == backwards)
        #expect(forwards != rows[0])
    }

    @Test func `given a row twice, when summed, then it counts twice`() {
        var once = RowHash.zero
        var twice = RowHash.zero
        once &+= RowHash(of: [7])
        twice &+= RowHash(of: [7])
        twice &+= RowHash(of: [7])
        #expect(once != twice)
        #expect(twice != .zero)
    }
}

import DaybookCore
import Testing

private func number(_ name: String, in table: inout NameTable) -> Int? {
    Array(name.utf8).withUnsafeBytes { table.number(of: $0) }
}

@Suite struct `Table of names` {
    @Test func `given a name, when it comes again, then it has the same number and text`() throws {
        var table = NameTable()
        let names = [
            "", "A", "OrderPlaced", "OrderPlaceD", "Zürich", "a name of more than sixteen",
        ]
        let numbers = try names.map { try #require(number($0, in: &table)) }
        #expect(Set(numbers).count == names.count)
        for (name, first) in zip(names, numbers) {
            #expect(number(name, in: &table) == first)
            #expect(table.text(first) == name)
        }
    }

    @Test func `given bytes that are not UTF-8, when looked up, then there is no number`() {
        var table = NameTable()
        #expect([0xC3, 0x28].withUnsafeBytes { table.number(of: $0) } == nil)
        #expect(number("A", in: &table) == 0)
    }

    @Test func `given more names than are kept, when forgotten, then the first ones stay`() throws {
        var table = NameTable()
        for index in 0..<3_000 { _ = number("name \(index)", in: &table) }
        #expect(table.text(2_999) == "name 2999")
        table.forgetSurplus()
        #expect(number("name 7", in: &table) == 7)
        #expect(number("name 1023", in: &table) == 1_023)
        let again = try #require(number("name 2000", in: &table))
        #expect(again == 1_024)
        #expect(table.text(again) == "name 2000")
    }

    @Test func `given a note, when asked for its version, then it is there, for others not`() throws
    {
        var table = NameTable()
        let first = try #require(number("A", in: &table))
        #expect(table.note(first, version: 1) == nil)
        table.setNote(first, version: 1, to: 17)
        #expect(table.note(first, version: 1) == 17)
        #expect(table.note(first, version: 2) == nil)
        table.setNote(first, version: 2, to: 18)
        #expect(table.note(first, version: 1) == nil)
    }

    @Test func `given buffers of every length, when one byte differs, then they differ`() {
        for count in 0..<40 {
            let bytes = (0..<count).map { UInt8($0) }
            bytes.withUnsafeBytes { left in
                bytes.withUnsafeBytes { #expect(left.hasSameBytes(as: $0)) }
                for index in 0..<count {
                    var other = bytes
                    other[index] ^= 0x80
                    other.withUnsafeBytes {
                        #expect(!left.hasSameBytes(as: $0), "\(index) of \(count)")
                        #expect(!$0.isASCII)
                    }
                }
                #expect(left.isASCII)
            }
        }
    }
}

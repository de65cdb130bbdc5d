import Foundation
import Testing

@testable import daybook

@Suite struct `Reject file` {
    @Test
    func `given rejects of all kinds, when written, then they stand in the order of the rows`()
        async throws
    {
        let scratch = try Scratch()
        let text =
            [
                HistoryText.header, "bad \"row",
                "1,85123A,\"THING, \"\"RED\"\"\",0,2010-12-01T08:26:00,1.00,17850,UK",
                HistoryText.row("1", "85123A", 1), "too,few",
                HistoryText.row("C2", "71053", -1), "last,one",
            ].joined(separator: "\r\n") + "\r\n"
        try text.write(toFile: "\(scratch.path)/orders.csv", atomically: true, encoding: .utf8)
        let source = try ImportSource(path: "\(scratch.path)/orders.csv", copyIn: scratch.path)
        let history = try OrderHistoryReader.read(source: { try source.read(into: $0) })
        let file = try RejectFile(path: "\(scratch.path)/rejects.csv")
        let rejects = RejectCollector(history, source: source, file: file)
        try rejects.add(history.plans(), refusals: [:])
        try rejects.finish()
        let rows = try scratch.text("rejects.csv").split(separator: "\n").dropFirst()
        #expect(
            Array(rows) == [
                "2,a quote stands inside a field without quotes,malformed_row,\"bad \"\"row\",,,,,,,",
                "3,the quantity is below 1,invalid_quantity,1,85123A,\"THING, \"\"RED\"\"\",0,"
                    + "2010-12-01T08:26:00,1.00,17850,UK",
                "5,2 fields instead of 8,malformed_row,\"too,few\",,,,,,,",
                "6,a return of units that this customer never bought before,nothing_to_return,"
                    + "C2,71053,THING,-1,2010-12-01T08:26:00Z,1.00,17850,Norway",
                "7,2 fields instead of 8,malformed_row,\"last,one\",,,,,,,",
            ])
        #expect(rejects.count == 5)
        #expect(
            rejects.summary.map { "\($0.count) \($0.code)" }
                == ["3 malformed_row", "1 invalid_quantity", "1 nothing_to_return"])
    }

    @Test func `given a directory that is not there, when opened, then the path is named`() throws {
        let error = #expect(throws: ImportFileError.self) {
            try RejectFile(path: "/nowhere/rejects.csv")
        }
        #expect(
            error?.description == "/nowhere/rejects.csv: cannot write: No such file or directory")
    }

    @Test func `given no file, when opened as a history, then the path is named`() throws {
        let error = #expect(throws: ImportFileError.self) {
            try ImportSource(path: "/nowhere/orders.csv", copyIn: "/tmp")
        }
        #expect(error?.description == "/nowhere/orders.csv: cannot open: No such file or directory")
        let directory = #expect(throws: ImportFileError.self) {
            try ImportSource(path: "/", copyIn: "/tmp")
        }
        #expect(directory?.description == "/: cannot read: Is a directory")
    }
}

@Suite struct `Import marker` {
    @Test func `given finished waves, when asked, then the last one is known`() throws {
        let scratch = try Scratch()
        let marker = try ImportMarker(directory: "\(scratch.path)/import", contentName: "0a")
        #expect(marker.lastWave() == 0)
        try marker.finished(3)
        try marker.finished(12)
        #expect(marker.lastWave() == 12)
        defer { withExtendedLifetime(scratch) {} }
        let other = try ImportMarker(directory: "\(scratch.path)/import", contentName: "0b")
        #expect(other.lastWave() == 0)
    }

    @Test func `given a marker as it was written before, when a wave is done, then it is known`()
        throws
    {
        let scratch = try Scratch()
        let marker = try ImportMarker(directory: "\(scratch.path)/import", contentName: "0a")
        defer { withExtendedLifetime(scratch) {} }
        try "12345\n".write(
            toFile: "\(scratch.path)/import/0a.wave", atomically: true, encoding: .utf8)
        #expect(marker.lastWave() == 12_345)
        try marker.finished(7)
        #expect(marker.lastWave() == 7)
        #expect(try scratch.text("import/0a.wave").utf8.count == 20)
    }

    @Test func `given a torn marker, when asked, then it counts for nothing`() throws {
        let scratch = try Scratch()
        let marker = try ImportMarker(directory: "\(scratch.path)/import", contentName: "0a")
        defer { withExtendedLifetime(scratch) {} }
        try "12".write(
            toFile: "\(scratch.path)/import/0a.wave", atomically: true, encoding: .utf8)
        #expect(marker.lastWave() == 0)
    }
}

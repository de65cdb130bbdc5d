import DaybookCore
import Glibc
import Testing

@testable import DaybookLog

@Suite struct `Worked example of FORMAT` {
    /// The log of three batches that Schemas/log/FORMAT.md prints byte by byte.
    static func log() throws -> SimulatedDisk {
        let disk = SimulatedDisk()
        let log = try LogDirectory.create(
            storage: disk, options: smallOptions(codec: .none), hash: .sha256,
            clock: TestClock().read, newLogID: testLogID, salt: testSalt)
        func order(_ number: UInt128, _ events: (EventType, String)...) -> ProposedBatch {
            ProposedBatch(
                metadata: BatchMetadata(
                    recordedAt: Instant(microseconds: 1_700_000_000_000_000), actor: .system,
                    command: "Place"),
                events: events.map { type, payload in
                    ProposedEvent(
                        type: type, tags: [Tag(label: "order", identifier: number)],
                        payload: Array(payload.utf8))
                })
        }
        try log.append(order(1, ("Placed", "two books")))
        _ = try log.writer.stage(order(2, ("Placed", "a pen"), ("Paid", "3 EUR")))
        _ = try log.writer.stage(order(1, ("Paid", "20 EUR")))
        _ = try log.committer.commit(try #require(log.writer.closeGroup()))
        try log.committer.close()
        return disk
    }

    /// The bytes that the tables of one section give; what no line gives is zero.
    private static func printed(_ section: String, byteCount: Int) throws -> [UInt8] {
        let path = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let storage = try FileStorage(path: "/\(path)/Schemas/log", readOnly: true)
        let file = try storage.open("FORMAT.md", .read)
        let text = String(
            decoding: try file.bytes(at: 0, count: Int(try file.byteCount())), as: UTF8.self)
        var image = [UInt8](repeating: 0, count: byteCount)
        var isInside = false
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("#") { isInside = line.hasSuffix(section) }
            let words = line.split(separator: " ")
            guard isInside, let first = words.first, first.utf8.count == 8,
                var offset = Int(first, radix: 16)
            else { continue }
            for word in words.dropFirst() {
                guard word.utf8.count == 2, let byte = UInt8(word, radix: 16) else { break }
                image[offset] = byte
                offset += 1
            }
        }
        return image
    }

    @Test(arguments: ["log-00000000000000000001.seg", "MARK"])
    func
        `given the three batches of FORMAT, when written, then the files have exactly the printed bytes`(
            name: String
        ) throws
    {
        let bytes = try Self.log().bytes(name)
        #expect(bytes == (try Self.printed("`\(name)`", byteCount: bytes.count)))
        if let path = getenv("DAYBOOK_DUMP") {
            let storage = try FileStorage(path: String(cString: path))
            let file = try storage.open(name, .replace)
            try file.writeAll(bytes, at: 0)
        }
    }
}

import DaybookCore
import Testing

@testable import DaybookLog

/// Frames whose checksums are right hold anything that somebody forged.
@Suite struct `Cached frames` {
    /// One batch with two events, as small as can be.
    private static let event: [UInt8] = [UInt8(BatchField.events << 3 | 2), 0]
    private static let sound: [UInt8] = [4] + event + event

    private func cached(_ raw: [UInt8], batches: UInt32, events: UInt32) throws -> CachedFrame {
        var header = try closedLog(codec: .none).frames(ofSegment: 1)[4]
        header.batchCount = batches
        header.eventCount = events
        return try raw.withUnsafeBytes { try CachedFrame(header, raw: $0) }
    }

    @Test
    func `given batches as the header says, when cached, then each is found by its positions`()
        throws
    {
        let frame = try cached(Self.sound + Self.sound, batches: 2, events: 4)
        let first = frame.header.firstPosition
        #expect((0..<4).map { frame.batchIndex(holding: first.advanced(by: $0)) } == [0, 0, 1, 1])
        #expect(frame.batches.map(\.range) == [1..<5, 6..<10])
    }

    @Test(
        arguments: [
            (sound, 2, 2, "fewer than the frame's header says"),
            (sound, 1, 3, "fewer than the frame's header says"),
            (sound + sound, 1, 4, "more than the frame's header says"),
            (sound, 1, 1, "more than the frame's header says"),
            // A number that asks for more memory than there is.
            (sound, .max, .max, "fewer than the frame's header says"),
            ([2, UInt8(BatchField.events << 3 | 2), 7], 1, 1, "truncated"),
            ([3, 0xF8, 0x01, 0], 1, 1, "no event"),
            ([9], 1, 1, "truncated"),
        ] as [([UInt8], UInt32, UInt32, String)])
    func `given batches that are not as the header says, when cached, then it is refused`(
        raw: [UInt8], batches: UInt32, events: UInt32, reason: String
    ) throws {
        let defect = #expect(throws: BatchDefect.self) {
            try cached(raw, batches: batches, events: events)
        }
        #expect(defect.map { "\($0)" }?.contains(reason) == true, "\(defect.map { "\($0)" } ?? "")")
    }

    // MARK: Beginnings

    private func beginning(
        _ raw: [UInt8], through offset: Int, batches: UInt32 = 3, events: UInt32 = 6
    ) throws -> CachedFrame? {
        var header = try closedLog(codec: .none).frames(ofSegment: 1)[4]
        header.batchCount = batches
        header.eventCount = events
        let position = header.firstPosition.advanced(by: offset)
        return raw.withUnsafeBytes { CachedFrame(header, beginning: $0, through: position) }
    }

    @Test func `given a beginning with the wanted batch, when cached, then no more is kept`() throws
    {
        let cut = Self.sound + Self.sound + [Self.sound[0]]
        let frame = try #require(try beginning(cut, through: 2))
        let first = frame.header.firstPosition
        #expect(frame.raw == Self.sound + Self.sound)
        #expect((0..<6).map { frame.holds(first.advanced(by: $0)) }.count { $0 } == 4)
        #expect(frame.batchIndex(holding: first.advanced(by: 3)) == 1)
        #expect(!frame.holds(LogPosition(rawValue: first.rawValue - 1)))
    }

    @Test(
        arguments: [
            sound, sound + [4], sound + sound.dropLast(), [], sound + [3, 0xF8, 0x01, 0],
        ] as [[UInt8]])
    func `given a beginning without the whole of the batch, when cached, then it is not taken`(
        raw: [UInt8]
    ) throws {
        #expect(try beginning(raw, through: 2) == nil)
    }
}

import DaybookCore
import Testing

@Suite struct `Actor text` {
    private static let user = UserID(rawValue: 0x0189_0A5D_AC96_774B_BCCE_B302_099A_8057)

    @Test(arguments: [
        (Actor.system, "system"), (.gateway, "gateway"), (.import, "import"),
        (.operator(nil), "operator"), (.operator("anna"), "operator:anna"),
        (.operator(""), "operator:"), (.operator("a:b"), "operator:a:b"),
        (.operator("\u{301}e"), "operator:\u{301}e"),
        (.user(user), "user:usr_01h455vb4pex5vsknk084sn02q"),
    ])
    func `given an actor, when written and read again, then it is the same`(
        actor: Actor, text: String
    ) {
        #expect(actor.description == text)
        #expect(Actor(text) == actor)
        #expect(Actor(Substring(text)) == actor)
    }

    @Test(arguments: [
        "", "System", "user", "user:", "user:anna", "user:ord_01h455vb4pex5vsknk084sn02q",
        "operators", "gateway:1", "import ", "daybook",
    ])
    func `given text that names nobody, when read, then there is no actor`(text: String) {
        #expect(Actor(text) == nil)
    }
}

@Suite struct `Digest values` {
    private let counting = (0..<32).map { UInt8($0) }

    @Test func `given 32 bytes, when read, then bytes and text are those`() throws {
        let digest = try #require(Digest(counting))
        #expect(digest.bytes == counting)
        #expect(
            digest.description == "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
        )
        #expect(digest.withUnsafeBytes { Array($0) } == counting)
        #expect(counting.withUnsafeBytes { Digest(bytes: $0) } == digest)
    }

    @Test(arguments: [0, 1, 31, 33, 64])
    func `given another count of bytes, when read, then there is no digest`(count: Int) {
        #expect(Digest([UInt8](repeating: 1, count: count)) == nil)
    }

    @Test func `given digests that differ in one bit, when compared, then they differ`() throws {
        let digest = try #require(Digest(counting))
        for index in counting.indices {
            var other = counting
            other[index] ^= 0x80
            #expect(Digest(other) != digest)
        }
        #expect(Digest.zero.description == String(repeating: "0", count: 64))
        #expect(Set([digest, .zero, digest]).count == 2)
    }

    @Test func `given bytes that are not aligned, when read, then they are the same digest`() {
        let shifted = [0xFF] + counting
        let digest = shifted.withUnsafeBytes {
            Digest(bytes: UnsafeRawBufferPointer(rebasing: $0[1...]))
        }
        #expect(digest.bytes == counting)
    }
}

@Suite struct `Recorded batch` {
    @Test func `given a batch, when asked, then its positions are those of its events`() {
        let events = (5...7).map {
            RecordedEvent(
                position: LogPosition(rawValue: $0), type: "MailSent", schemaVersion: 1, tags: [],
                payload: [])
        }
        let batch = RecordedBatch(
            number: 3,
            metadata: BatchMetadata(
                recordedAt: Instant(microseconds: 0), actor: .system, command: "SendMail"),
            events: events)
        #expect(batch.firstPosition == LogPosition(rawValue: 5))
        #expect(batch.lastPosition == LogPosition(rawValue: 7))
    }
}

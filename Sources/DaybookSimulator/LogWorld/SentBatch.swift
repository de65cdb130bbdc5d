import DaybookCore

/// A batch that a simulated client sent; its content follows from its serial number and shape.
struct SentBatch {
    /// Never used twice in a world, so that no batch can pass for another.
    let serial: Int
    let events: [NaiveBatch.Event]
    let key: String?
    private let keyBytes: [UInt8]?

    static let command = "Simulate"
    private static let commandBytes = Array(command.utf8)
    private static let types = ["Opened", "Moved", "Closed"]

    /// - Parameter shape: decides number, size and content of the events.
    init(serial: Int, shape: Int, options: LogWorldOptions) {
        self.serial = serial
        var generator = SplitMix64(state: UInt64(serial) << 20 ^ UInt64(shape))
        func below(_ count: Int) -> Int { Int(generator.next() % UInt64(count)) }
        key = below(3) == 0 ? "key-\(serial)" : nil
        keyBytes = key.map { Array($0.utf8) }
        let eventCount = shape == 0 ? 1 : 1 + below(options.eventLimit)
        events = (0..<eventCount).map { index in
            var payload = withUnsafeBytes(of: UInt64(serial).littleEndian) { Array($0) }
            payload.append(UInt8(index))
            let filler = shape == 0 ? 0 : below(options.payloadLimit)
            // Half of it repeats, so that compression has something to do.
            for place in 0..<filler {
                let isRandom = !options.isRepetitive && place % 2 == 0
                payload.append(isRandom ? UInt8(below(256)) : UInt8(place & 7))
            }
            let subject = UInt8(below(4))
            return NaiveBatch.Event(
                type: Array(SentBatch.types[below(3)].utf8), schemaVersion: 1,
                tags: [Array("subject:\(subject)".utf8)], payload: payload)
        }
    }

    var byteCount: Int { events.reduce(0) { $0 + $1.payload.count } }

    var proposed: ProposedBatch {
        ProposedBatch(
            metadata: BatchMetadata(
                recordedAt: Instant(microseconds: Int64(serial)), actor: .system,
                command: SentBatch.command, idempotencyKey: key),
            events: events.map { event in
                let tags = event.tags.map { tag in
                    Tag(label: "subject", text: String(decoding: tag.dropFirst(8), as: UTF8.self))
                }
                return ProposedEvent(
                    type: EventType(rawValue: String(decoding: event.type, as: UTF8.self)),
                    tags: tags, payload: event.payload)
            })
    }

    /// Whether a batch of the log is this one, in every byte that was sent.
    func isRecorded(as batch: NaiveBatch) -> Bool {
        guard batch.events.count == events.count, batch.key == keyBytes,
            batch.command.isSame(as: SentBatch.commandBytes)
        else { return false }
        return zip(batch.events, events).allSatisfy { recorded, sent in
            recorded.payload.isSame(as: sent.payload) && recorded.type.isSame(as: sent.type)
                && recorded.tags == sent.tags && recorded.schemaVersion == sent.schemaVersion
        }
    }
}

/// What was sent to one log, in the order in which it was staged, and what was promised of it.
///
/// The reference model of LOG.md 8.3: a plain array.
struct Lineage {
    var sent: [SentBatch] = []
    /// So many of them were acknowledged, or shown to a reader: they may never go.
    var acknowledged = 0
    /// So many of them may be on the disk; the others never left memory.
    var submitted = 0

    /// Checks what a recovered log holds.
    ///
    /// - Throws: when something acknowledged is missing, or something stands there that was never
    ///   sent, or not whole, or elsewhere.
    func check(_ log: NaiveLog) throws(Violation) {
        guard log.batches.count >= acknowledged else {
            throw Violation(
                .lostAcknowledged,
                "\(acknowledged) batches were acknowledged, the log has \(log.batches.count)")
        }
        guard log.batches.count <= submitted else {
            throw Violation(
                .inventedBatch, "\(submitted) batches were sent, the log has \(log.batches.count)")
        }
        var position: UInt64 = 1
        for (index, batch) in log.batches.enumerated() {
            guard batch.number == UInt64(index + 1), batch.firstPosition == position,
                sent[index].isRecorded(as: batch)
            else {
                throw Violation(.alteredBatch, "batch \(index + 1) is not what was sent")
            }
            position += UInt64(batch.events.count)
        }
    }

    /// What a recovery that was completed has decided: the rest never happened.
    mutating func settle(count: Int) {
        sent.removeLast(sent.count - count)
        acknowledged = count
        submitted = count
    }
}

/// A promise that was not kept.
package struct Violation: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Kind: String, Hashable, Sendable, Codable {
        case lostAcknowledged, inventedBatch, alteredBatch
        /// The log's files are not what the format says.
        case malformed
        /// Recovery refused although nothing that was acknowledged is hurt.
        case falseRefusal
        /// Acknowledged bytes are damaged and nobody said so.
        case silentDamage
        /// Damage was noticed and the wrong place was named.
        case wrongPlace
        /// Something was acknowledged or tried again after a failed write or sync.
        case servedAfterFailure
        /// Acknowledged before the sync that makes it true.
        case earlyAcknowledgement
        /// A call that must succeed failed, or one that must fail did not.
        case unexpected
        /// Two runs of one seed differ.
        case notDeterministic
        /// A promise of the whole store; see the message.
        case store
    }

    package var kind: Kind
    package var message: String

    package init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }

    package var description: String { "\(kind.rawValue): \(message)" }
}

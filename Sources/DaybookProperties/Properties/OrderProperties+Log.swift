import DaybookCore
import DaybookEngine
import DaybookLog
import DaybookTestKit
internal import Foundation

extension OrderProperties {
    /// Payloads of batches, as sizes and kinds.
    private struct Payloads: CountsCommands, Sendable {
        struct Payload: Sendable {
            var byteCount: Int
            /// How many different bytes it has: few compress well.
            var alphabet: Int
            var seed: UInt64

            var bytes: [UInt8] {
                var state = seed
                return (0..<byteCount).map { _ in
                    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                    return UInt8(truncatingIfNeeded: Int(state >> 33) % alphabet)
                }
            }
        }

        var batches: [[Payload]]
        /// How many appends are on the way at a time, so that they share a frame.
        var groupSize: Int

        var commandCount: Int { batches.count }
    }

    static var log: [OrderProperty] {
        let payload = combine(
            Generator<Int>.integer(in: 0...4_000, favouring: [63, 64, 65, 4_000]),
            Generator<Int>.oneOf([1, 3, 256]), Generator<UInt64>.integer(in: 0...1_000)
        ).map { Payloads.Payload(byteCount: $0, alphabet: $1, seed: $2) }
        let cases = combine(
            payload.array(count: 1...4).array(count: 0...8), Generator<Int>.integer(in: 1...4)
        ).map { Payloads(batches: $0, groupSize: $1) }
        let sentence =
            "given any payloads, then they are read as written, compressed or not, in any groups"
        return [
            OrderProperty(
                "P-27",
                Property("P-27 \(sentence)", cases, interleaving: { try await writeAndRead($0) }),
                caseCount: 15)
        ]
    }

    private static func writeAndRead(_ payloads: Payloads) async throws {
        let written = payloads.batches.map { $0.map(\.bytes) }
        for codec in [EventLogOptions.Codec.lz4, .none] {
            for groupSize in Set([1, payloads.groupSize]) {
                let folder =
                    FileManager.default.temporaryDirectory.path + "/codec-\(UUID().uuidString)"
                defer { try? FileManager.default.removeItem(atPath: folder) }
                var options = EventLogOptions()
                options.codec = codec
                options.firstSegmentByteCount = 1 << 16
                options.segmentByteCount = 1 << 16
                let log = try EventLog.create(
                    directory: folder, options: options, hash: .sha256,
                    clock: { Instant(microseconds: 0) }, id: LogID(rawValue: 1), salt: .zero)
                try await append(written, to: log, groupSize: groupSize)
                let live = try log.read(.all)
                try await log.close()
                let opened = try EventLog.open(
                    directory: folder, options: options, hash: .sha256,
                    clock: { Instant(microseconds: 0) })
                let read = try opened.read(.all)
                try await opened.close()
                try requireEqual(read.count, written.joined().count, "\(codec), events")
                try require(read == live, "\(codec): read otherwise after opening")
                try requireWhole(read, written, "\(codec), groups of \(groupSize)")
            }
        }
    }

    private static func append(
        _ batches: [[[UInt8]]], to log: EventLog, groupSize: Int
    ) async throws {
        for start in stride(from: 0, to: batches.count, by: groupSize) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in start..<min(batches.count, start + groupSize) {
                    let events = batches[index].map { payload in
                        ProposedEvent(
                            type: "Payload", tags: [Tag(label: "batch", text: "\(index)")],
                            payload: payload)
                    }
                    group.addTask {
                        let metadata = BatchMetadata(
                            recordedAt: Instant(microseconds: 0), actor: .system, command: "Append")
                        _ = try await log.append(
                            ProposedBatch(metadata: metadata, events: events), when: nil)
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    /// Each batch stands whole, its events adjacent and in order, whatever came before it.
    private static func requireWhole(
        _ events: [RecordedEvent], _ batches: [[[UInt8]]], _ what: String
    ) throws {
        for (index, batch) in batches.enumerated() {
            let own = events.filter { $0.tags == [Tag(label: "batch", text: "\(index)")] }
            try require(own.map(\.payload) == batch, "\(what): batch \(index + 1) differs")
            let first = own[0].position.rawValue
            try requireEqual(
                own.map(\.position.rawValue), (0..<UInt64(own.count)).map { first + $0 },
                "\(what): batch \(index + 1) is not adjacent")
        }
        try requireEqual(
            events.map(\.position.rawValue), (0..<UInt64(events.count)).map { $0 + 1 },
            "\(what): positions")
    }
}

import DaybookCore
import DaybookLog

/// The log whose bits are flipped, and what stands where in it.
extension BitFlips {
    private static let logID = LogID(rawValue: 0x0190_0000_0000_7000_8000_0000_0000_0B17)

    /// A sealed and an active segment of 32 KiB, closed in good order; batches of several sizes, alone
    /// and in groups.
    static func makeLog(_ hash: HashFunction, _ codec: EventLogOptions.Codec) throws
        -> ([String: [UInt8]], EventLogOptions)
    {
        let disk = SimulatedDisk()
        var options = EventLogOptions()
        options.firstSegmentByteCount = 32 << 10
        options.segmentByteCount = 32 << 10
        options.codec = codec
        options.schema = Array("a schema of no event at all, long enough to compress, long".utf8)
        let salt = (0..<32).map { UInt8($0) &* 29 &+ 11 }
        let log = try LogDirectory.create(
            storage: disk, options: options, hash: hash, clock: { time }, newLogID: logID,
            salt: salt.withUnsafeBytes { Digest(bytes: $0) })
        var number = 0
        var countInSecond = 0
        // Until the second segment is about half full.
        while countInSecond < 4 {
            for _ in 0..<(1 + number % 3) {
                number += 1
                _ = try log.writer.stage(batch(number))
                if log.reader.statistics.segmentCount > 1 { countInSecond += 1 }
            }
            if let group = log.writer.closeGroup() { _ = try log.committer.commit(group) }
        }
        try log.committer.close()
        var files: [String: [UInt8]] = [LogFileName.mark: disk.bytes(LogFileName.mark)]
        for segment in 1...UInt64(log.reader.statistics.segmentCount) {
            files[LogFileName.segment(segment)] = disk.bytes(LogFileName.segment(segment))
        }
        return (files, options)
    }

    private static func batch(_ number: Int) -> ProposedBatch {
        var payload = Array("payload \(number) of a batch: ".utf8)
        var state = UInt32(number)
        for _ in 0..<(number * 397 % 3_000) {
            state = state &* 1_664_525 &+ 1_013_904_223
            payload.append(UInt8(truncatingIfNeeded: state >> 24))
        }
        let event = ProposedEvent(
            type: "Placed", tags: [Tag(label: "order", text: "\(number)")], payload: payload)
        return ProposedBatch(
            metadata: BatchMetadata(recordedAt: time, actor: .system, command: "Place"),
            events: number % 5 == 0 ? [event, event] : [event])
    }

    /// What every byte is.
    static func classify(_ files: [String: [UInt8]]) throws -> [String: [Place]] {
        var places: [String: [Place]] = [:]
        for (name, bytes) in files {
            if name == LogFileName.mark {
                places[name] = bytes.indices.map { $0 % 4096 < 256 ? .markSlot : .markReserved }
            } else {
                places[name] = try classify(segment: bytes)
            }
        }
        return places
    }

    private static func classify(segment bytes: [UInt8]) throws -> [Place] {
        var places = [Place](repeating: .zeros, count: bytes.count)
        for index in 0..<SegmentHeader.byteCount { places[index] = .segmentHeader }
        var offset = SegmentHeader.byteCount
        var isSealed = false
        while !isSealed, offset + FrameHeader.byteCount <= bytes.count, bytes[offset] != 0 {
            let header = try bytes.withUnsafeBytes {
                try FrameHeader(
                    decoding: UnsafeRawBufferPointer(
                        rebasing: $0[offset..<(offset + FrameHeader.byteCount)]))
            }
            isSealed = header.kind == .seal
            let payload = offset + FrameHeader.byteCount
            let padding = payload + Int(header.storedByteCount)
            for index in offset..<Int(header.endOffset) {
                if isSealed {
                    places[index] = .seal
                } else if index < payload {
                    places[index] = .frameHeader
                } else {
                    places[index] = index < padding ? .payload : .padding
                }
            }
            offset = Int(header.endOffset)
        }
        if isSealed { for index in offset..<bytes.count { places[index] = .trailer } }
        return places
    }
}

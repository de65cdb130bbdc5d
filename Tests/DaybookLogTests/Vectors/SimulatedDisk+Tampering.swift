import DaybookCore

@testable import DaybookLog

/// Changes that keep checksums right where damage would not.
extension SimulatedDisk {
    func change(_ name: String, _ body: (inout [UInt8]) -> Void) {
        var content = bytes(name)
        body(&content)
        set(name, content)
    }

    /// The headers of a segment's frames, up to the first place where none begins.
    func frames(ofSegment number: UInt64) -> [FrameHeader] {
        bytes(LogFileName.segment(number)).withUnsafeBytes { bytes in
            var frames: [FrameHeader] = []
            var offset = SegmentHeader.byteCount
            while offset + FrameHeader.byteCount <= bytes.count,
                let frame = try? FrameHeader(decoding: bytes.slice(offset, FrameHeader.byteCount))
            {
                frames.append(frame)
                offset = Int(frame.endOffset)
            }
            return frames
        }
    }

    /// Changes a frame's bytes and makes its header checksum right again.
    ///
    /// - Parameter chain: before the frame; then payload checksum and chain are made right too.
    func rewriteFrame(
        _ frame: FrameHeader, segment: UInt64 = 1, after chain: DaybookCore.Digest? = nil,
        _ body: (inout [UInt8]) -> Void
    ) {
        change(LogFileName.segment(segment)) { file in
            let range = Int(frame.byteOffset)..<Int(frame.endOffset)
            var bytes = Array(file[range])
            body(&bytes)
            bytes.withUnsafeMutableBytes { bytes in
                let view = UnsafeRawBufferPointer(bytes)
                if let chain {
                    let payload = view.slice(
                        FrameHeader.byteCount, Int(frame.storedByteCount))
                    bytes.store(Checksum.crc32c(payload), at: 60)
                    let portable = view.slice(0, FrameHeader.portableByteCount)
                    bytes.store(
                        HashFunction.sha256.chain(after: chain, header: portable, payload: payload),
                        at: 72)
                }
                bytes.store(Checksum.crc32c(view.slice(0, 124)), at: 124)
            }
            file.replaceSubrange(range, with: bytes)
        }
    }

    /// One valid slot that vouches for everything up to the end of a frame; `nil`: up to the first.
    func setMark(
        after frame: FrameHeader?, segment: UInt64 = 1, flags: CommitMark.Flags = [],
        _ change: (inout CommitMark) -> Void = { _ in }
    ) {
        var end = SealedTail.genesis(of: testLogID, hash: .sha256).expectation
        end.byteOffset = UInt64(SegmentHeader.byteCount)
        if let frame { end.advance(over: frame) }
        var mark = CommitMark(
            logID: testLogID, generation: 8, writerEpoch: 1, flags: flags, segmentNumber: segment,
            durableOffset: end.byteOffset, nextFrameNumber: end.frameNumber,
            nextBatchNumber: end.batchNumber, nextPosition: end.position, lastTime: end.time,
            chain: end.chain)
        change(&mark)
        var bytes = [UInt8](repeating: 0, count: MarkFile.byteCount)
        bytes.withUnsafeMutableBytes {
            mark.encode(into: UnsafeMutableRawBufferPointer(rebasing: $0[..<256]))
        }
        set(LogFileName.mark, bytes)
    }
}

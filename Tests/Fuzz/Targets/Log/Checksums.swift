internal import DaybookCore

@testable internal import DaybookLog

/// Puts right checksums over wrong content, so that an input gets past them: what a bug in a writer,
/// or somebody with a text editor and a CRC calculator, would leave behind.
enum Checksums {
    /// Over the bytes from `start`, stored as the four that follow them.
    static func mend(_ bytes: inout [UInt8], from start: Int, count: Int) {
        bytes.withUnsafeMutableBytes { all in
            guard start >= 0, count >= 0, start + count + 4 <= all.count else { return }
            let covered = UnsafeRawBufferPointer(rebasing: all[start..<start + count])
            all.store(Checksum.crc32c(covered), at: start + count)
        }
    }

    /// A frame's payload checksum, chain and header checksum, where its lengths allow it.
    static func mendFrame(
        _ bytes: inout [UInt8], at start: Int, payload: Bool, chainAfter previous: Digest?
    ) {
        bytes.withUnsafeMutableBytes { all in
            guard start + FrameHeader.byteCount <= all.count else { return }
            let frame = UnsafeMutableRawBufferPointer(rebasing: all[start...])
            let view = UnsafeRawBufferPointer(frame)
            let stored = Int(view.uint32(at: 8))
            if stored <= view.count - FrameHeader.byteCount {
                let content = view.slice(FrameHeader.byteCount, stored)
                if payload { frame.store(Checksum.crc32c(content), at: 60) }
                if let previous {
                    let portable = view.slice(0, FrameHeader.portableByteCount)
                    frame.store(
                        HashFunction.cheap.chain(
                            after: previous, header: portable, payload: content), at: 72)
                }
            }
            frame.store(Checksum.crc32c(view.slice(0, 124)), at: 124)
        }
    }
}

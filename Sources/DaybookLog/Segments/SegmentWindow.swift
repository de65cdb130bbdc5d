/// A sliding view of a file, so that frames are read with few calls and without mapping the file:
/// a mapped page that cannot be read would end the process instead of giving an error.
///
/// Confined to its owner; not thread-safe.
final class SegmentWindow {
    let file: any StorageFile
    private let readAhead: Int
    private let buffer: GrowingBuffer
    private var start: UInt64 = 0

    init(file: any StorageFile, readAhead: Int = 256 << 10) {
        self.file = file
        self.readAhead = readAhead
        // Grows to what is read: a window over a small file takes no more than the file.
        buffer = GrowingBuffer(capacity: 4096)
    }

    /// `count` bytes at an offset, valid until the next call.
    ///
    /// - Parameter end: nothing at or beyond this offset is read.
    /// - Returns: `nil` when they reach beyond `end` or the end of the file.
    func bytes(at offset: UInt64, count: Int, end: UInt64) throws(EventLogError)
        -> UnsafeRawBufferPointer?
    {
        invariant(count > 0, "SegmentWindow: nothing is not looked at")
        guard offset <= end, UInt64(count) <= end - offset else { return nil }
        if offset >= start, offset + UInt64(count) <= start + UInt64(buffer.count) {
            return buffer.used.slice(Int(offset - start), count)
        }
        let wanted = Int(min(UInt64(max(count, readAhead)), end - offset))
        // Forgets the old view first: a failed read must not leave it under a wrong offset.
        invariant(wanted >= count, "SegmentWindow: at least what was asked for is read")
        let target = buffer.scratch(wanted)
        start = offset
        var done = 0
        do throws(EventLogError) {
            done = try file.readAll(into: target, at: offset)
        } catch {
            buffer.removeAll()
            throw error
        }
        invariant(done <= wanted, "SegmentWindow: no more is read than there is room for")
        _ = buffer.scratch(done)
        return count <= done ? buffer.used.slice(0, count) : nil
    }

    /// Forgets what was read, so that the next call asks the disk again.
    func forget() {
        buffer.removeAll()
    }

    /// What stands at an offset.
    enum Reading {
        /// Header, payload and padding; valid until the next read.
        case frame(FrameHeader, UnsafeRawBufferPointer)
        case defect(FrameDefect)
    }

    /// Reads the frame at an offset; its header is checked by its checksum, nothing else is.
    func frame(at offset: UInt64, end: UInt64) throws(EventLogError) -> Reading {
        guard let bytes = try bytes(at: offset, count: FrameHeader.byteCount, end: end) else {
            return .defect(.beyondEnd)
        }
        let header: FrameHeader
        do throws(FrameDefect) {
            header = try FrameHeader(decoding: bytes)
        } catch {
            return .defect(error)
        }
        let byteCount = Int(header.frameByteCount)
        guard let frame = try self.bytes(at: offset, count: byteCount, end: end) else {
            return .defect(.beyondEnd)
        }
        invariant(frame.count % 8 == 0, "SegmentWindow: frames are multiples of 8 long")
        invariant(
            offset + UInt64(frame.count) <= end,
            "SegmentWindow: a frame ends where it has to, or before")
        return .frame(header, frame)
    }
}

internal import DaybookCore

@testable internal import DaybookLog

/// The commit mark's two slots. The first byte: 1 checksums, 2 magic, 4 reserved bytes and parity
/// are put right.
enum MarkTarget {
    @Sendable static func run(_ input: UnsafeRawBufferPointer) {
        var input = FuzzInput(input)
        let flags = input.byte()
        var bytes = [UInt8](repeating: 0, count: MarkFile.byteCount)
        for (parity, start) in [0, 4_096].enumerated() {
            let slot = input.bytes(most: CommitMark.byteCount)
            bytes.replaceSubrange(start..<start + slot.count, with: slot)
            if slot.contains(where: { $0 != 0 }) { mend(&bytes, start, UInt8(parity), flags) }
        }
        let stray = input.bytes(most: 8)
        bytes.replaceSubrange(300..<300 + stray.count, with: stray)
        let file = MemoryFile(LogFileName.mark, bytes)
        guard let content = try? MarkFile.content(of: file) else { return }
        for (index, slot) in content.slots.enumerated() {
            guard let mark = slot.mark else { continue }
            var again = [UInt8](repeating: 0, count: CommitMark.byteCount)
            again.withUnsafeMutableBytes { mark.encode(into: $0) }
            require(
                again.elementsEqual(bytes[(index * 4_096)...].prefix(CommitMark.byteCount)),
                "a commit mark does not encode to what it was decoded from")
        }
        write(after: content.newest, to: file)
    }

    private static func mend(
        _ bytes: inout [UInt8], _ start: Int, _ parity: UInt8, _ flags: UInt8
    ) {
        if flags & 2 != 0 { bytes.replaceSubrange(start..<start + 8, with: CommitMark.magic) }
        if flags & 4 != 0 {
            bytes[start + 24] = bytes[start + 24] & 0xFE | parity
            bytes[start + 36] &= 3
            for index in [37, 38, 39] + (160..<252) { bytes[start + index] = 0 }
        }
        if flags & 1 != 0 { Checksums.mend(&bytes, from: start, count: 252) }
    }

    /// The next mark is the newest one, whatever stood there.
    private static func write(after newest: CommitMark?, to file: MemoryFile) {
        var room = WriterRoom()
        if let newest { room.add(newest) }
        // Opening refuses a mark that leaves no numbers.
        guard let newest, room.nextEpoch != nil else { return }
        let marks = MarkFile(file: file, newest: newest)
        guard (try? marks.sync()) != nil, (try? marks.write(newest)) != nil else { return }
        let content = try? MarkFile.content(of: file)
        require(
            content?.newest?.generation == marks.generation, "the mark just written is not newest")
    }
}

import Glibc

/// A file's bytes: as processes see them, as they are on the disk, and what lies between.
///
/// Every page that is neither pending nor on the disk although it is visible was lost by a failed
/// sync: nothing will ever write it unless somebody writes it again.
final class Inode {
    enum Change {
        case write(offset: Int, bytes: [UInt8])
        /// At least so long.
        case extend(Int)
        case truncate(Int)
    }

    var visible: [UInt8]
    var durable: [UInt8]
    /// Changes since the last sync with the disk's count of changes when each was made, ascending.
    var pending: [(sequence: Int, change: Change)] = []
    var isReadOnly = false

    init(_ bytes: [UInt8] = []) {
        visible = bytes
        durable = bytes
    }

    func copy() -> Inode {
        let copy = Inode(durable)
        copy.visible = visible
        copy.pending = pending
        copy.isReadOnly = isReadOnly
        return copy
    }

    func apply(_ change: Change, at sequence: Int) {
        Inode.apply(change, to: &visible)
        pending.append((sequence, change))
    }

    /// `fdatasync`: the bytes, and as much length as they need.
    func flushData() {
        var rest: [(sequence: Int, change: Change)] = []
        for (sequence, change) in pending {
            if case .write = change {
                Inode.apply(change, to: &durable)
            } else {
                rest.append((sequence, change))
            }
        }
        pending = rest
    }

    /// `fsync`: the length too.
    func flushAll() {
        for (_, change) in pending { Inode.apply(change, to: &durable) }
        pending = []
    }

    static func apply(_ change: Change, to bytes: inout [UInt8]) {
        switch change {
        case .write(let offset, let written): put(written[...], at: offset, in: &bytes)
        case .extend(let count):
            if count > bytes.count { extend(&bytes, to: count) }
        case .truncate(let count):
            if count < bytes.count {
                bytes.removeLast(bytes.count - count)
            } else {
                extend(&bytes, to: count)
            }
        }
    }

    static func put(_ written: ArraySlice<UInt8>, at offset: Int, in bytes: inout [UInt8]) {
        extend(&bytes, to: offset + written.count)
        guard !written.isEmpty else { return }
        bytes.withUnsafeMutableBytes { target in
            written.withUnsafeBytes { source in
                UnsafeMutableRawBufferPointer(rebasing: target[offset..<(offset + source.count)])
                    .copyMemory(from: source)
            }
        }
    }

    private static func extend(_ bytes: inout [UInt8], to count: Int) {
        guard count > bytes.count else { return }
        // One copy and one fill: element by element, this was two thirds of a debug run.
        let old = bytes
        bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            let longer = UnsafeMutableRawBufferPointer(buffer)
            old.withUnsafeBytes { longer.copyMemory(from: $0) }
            if let start = longer.baseAddress { memset(start + old.count, 0, count - old.count) }
            filled = count
        }
    }
}

/// Unchecked: a simulation has one thread, and `StorageFile` asks for `Sendable`.
extension Inode: @unchecked Sendable {}

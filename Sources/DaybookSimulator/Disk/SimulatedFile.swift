import DaybookLog
import Glibc

/// An open file of a ``SimulatedDisk``.
final class SimulatedFile: StorageFile {
    let name: String
    private let inode: Inode
    private let disk: SimulatedDisk

    init(name: String, inode: Inode, disk: SimulatedDisk) {
        self.name = name
        self.inode = inode
        self.disk = disk
    }

    func read(into bytes: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(EventLogError)
        -> Int
    {
        try disk.perform(.read, name, at: offset, count: bytes.count) { fault in
            let start = min(Int(offset), inode.visible.count)
            var count = min(bytes.count, inode.visible.count - start)
            if case .short(let limit) = fault?.effect { count = min(count, max(limit, 1)) }
            inode.visible.withUnsafeBytes { source in
                bytes.copyMemory(
                    from: UnsafeRawBufferPointer(rebasing: source[start..<(start + count)]))
            }
            if case .glitch(let bit) = fault?.effect, count > 0 {
                bytes[bit / 8 % count] ^= 1 << UInt8(bit % 8)
            }
            return count
        }
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws(EventLogError) -> Int {
        try disk.perform(.write, name, at: offset, count: bytes.count) {
            fault throws(EventLogError) in
            var count = bytes.count
            var target = Int(offset)
            switch fault?.effect {
            case .short(let limit): count = min(count, max(limit, 1))
            case .lose: return count
            case .misdirect(let distance): target = max(target + distance, 0)
            default: break
            }
            try disk.refuseBeyondCapacity(inode, max(inode.visible.count, target + count), name)
            let written = Array(bytes.prefix(count))
            for byte in written.prefix(64) { disk.fold(UInt64(byte)) }
            inode.apply(.write(offset: target, bytes: written), at: disk.nextSequence())
            return count
        }
    }

    func sync() throws(EventLogError) { try flush(.sync) { inode.flushData() } }

    func syncAll() throws(EventLogError) { try flush(.syncAll) { inode.flushAll() } }

    private func flush(_ kind: StorageCall.Kind, _ body: () -> Void) throws(EventLogError) {
        try disk.perform(kind, name) { fault throws(EventLogError) in
            switch fault?.effect {
            case .lie: return
            case .error(let errno):
                fail(fault?.failedSync ?? .keepsNew)
                throw .system("simulated \(kind.rawValue)", name, errno)
            default: body()
            }
        }
    }

    private func fail(_ model: FailedSync) {
        switch model {
        case .keepsNew: inode.pending = []
        case .reverts:
            inode.visible = inode.durable
            inode.pending = []
        case .staysDirty: break
        case .wroteAll: inode.flushAll()
        }
    }

    func truncate(to byteCount: UInt64) throws(EventLogError) {
        try disk.perform(.truncate, name, count: Int(byteCount)) { _ throws(EventLogError) in
            inode.apply(.truncate(Int(byteCount)), at: disk.nextSequence())
        }
    }

    func allocate(_ byteCount: UInt64) throws(EventLogError) {
        try disk.perform(.allocate, name, count: Int(byteCount)) { _ throws(EventLogError) in
            try disk.refuseBeyondCapacity(inode, Int(byteCount), name)
            inode.apply(.extend(Int(byteCount)), at: disk.nextSequence())
        }
    }

    func makeReadOnly() throws(EventLogError) {
        try disk.perform(.makeReadOnly, name) { _ throws(EventLogError) in inode.isReadOnly = true }
    }

    func byteCount() throws(EventLogError) -> UInt64 {
        try disk.perform(.byteCount, name) { _ in UInt64(inode.visible.count) }
    }

    // Open files live as long as somebody holds them; nothing is written by closing.
    func close() {}
}

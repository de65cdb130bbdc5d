package import DaybookLog
import Glibc

/// A disk in memory that keeps what was not synced apart, and can lose, tear, misdirect or refuse any
/// call.
///
/// Promises exactly what ``Storage`` promises, and nothing more: bytes are durable after a sync of
/// their file, a length after `syncAll`, a name after `syncDirectory`. Everything else may be there
/// or not after ``crashed(_:chance:)``. Confined to the one thread of its simulation.
package final class SimulatedDisk: Storage {
    /// Looks on before and after every call. May ask for copies and crashes, not change the disk.
    package typealias Observer = (_ call: StorageCall, _ moment: Moment) -> Void

    package enum Moment: Hashable, Sendable { case before, after }

    package let isReadOnly: Bool
    package var observer: Observer?
    /// Decides what happens to a call instead of success.
    package var injector: ((StorageCall) -> DiskFault?)?
    /// Bytes that files may have together; allocations and writes beyond fail with ENOSPC.
    package var capacity = Int.max
    package private(set) var callCount = 0
    /// Folds in every call and what came of it: two runs that are the same have the same traces.
    package private(set) var trace: UInt64 = 0xCBF2_9CE4_8422_2325
    var directory = SimulatedDirectory()
    private(set) var isLocked = false
    private var sequence = 0

    package init(isReadOnly: Bool = false) {
        self.isReadOnly = isReadOnly
    }
}

/// Unchecked: a simulation has one thread, and `Storage` asks for `Sendable`.
extension SimulatedDisk: @unchecked Sendable {}

// MARK: - Calls

extension SimulatedDisk {
    /// Announces a call, lets it fail if a fault is planned, and lets observers see it done.
    func perform<Result>(
        _ kind: StorageCall.Kind, _ file: String, at byteOffset: UInt64 = 0, count: Int = 0,
        _ body: (DiskFault?) throws(EventLogError) -> Result
    ) throws(EventLogError) -> Result {
        let call = StorageCall(
            index: callCount, kind: kind, file: file, byteOffset: byteOffset, byteCount: count)
        callCount += 1
        fold(call)
        observer?(call, .before)
        let fault = injector?(call)
        let result: Result
        do throws(EventLogError) {
            if case .error(let errno) = fault?.effect, kind != .sync, kind != .syncAll {
                throw .system("simulated \(kind.rawValue)", file, errno, at: byteOffset)
            }
            result = try body(fault)
        } catch {
            fold(UInt64(bitPattern: Int64(error.errno ?? -1)))
            observer?(call, .after)
            throw error
        }
        observer?(call, .after)
        return result
    }

    private func fold(_ call: StorageCall) {
        var kind: UInt64 = 0
        for byte in call.kind.rawValue.utf8 { kind = kind &* 31 &+ UInt64(byte) }
        for byte in call.file.utf8 { kind = kind &* 31 &+ UInt64(byte) }
        fold(kind)
        fold(call.byteOffset << 24 ^ UInt64(call.byteCount))
    }

    /// FNV-1a over words.
    func fold(_ word: UInt64) {
        trace = (trace ^ word) &* 0x0000_0100_0000_01B3
    }

    func nextSequence() -> Int {
        sequence += 1
        return sequence
    }

    func refuseBeyondCapacity(_ inode: Inode, _ byteCount: Int, _ file: String)
        throws(EventLogError)
    {
        guard capacity < .max else { return }
        var used = byteCount
        for name in directory.sortedNames {
            if let other = directory.visible[name], other !== inode { used += other.visible.count }
        }
        if used > capacity { throw .system("simulated allocate", file, ENOSPC) }
    }
}

// MARK: - Storage

extension SimulatedDisk {
    package func list() throws(EventLogError) -> [String] {
        try perform(.list, ".") { _ throws(EventLogError) in
            directory.sortedNames.filter { SimulatedDirectory.folder(of: $0) == nil }
        }
    }

    package func open(_ name: String, _ mode: StorageOpenMode) throws(EventLogError)
        -> any StorageFile
    {
        let kind: StorageCall.Kind = mode == .replace ? .create : .open
        return try perform(kind, name) { _ throws(EventLogError) in
            if mode != .read { try refuseWhenReadOnly(name) }
            if let inode = directory.visible[name] {
                if mode != .read, inode.isReadOnly { throw .system("open", name, EACCES) }
                if mode == .replace { inode.apply(.truncate(0), at: nextSequence()) }
                return SimulatedFile(name: name, inode: inode, disk: self)
            }
            guard mode == .replace else { throw .system("open", name, ENOENT) }
            if let folder = SimulatedDirectory.folder(of: name),
                !directory.visibleFolders.contains(folder)
            {
                throw .system("open", name, ENOENT)
            }
            let inode = Inode()
            directory.apply(.link(name, inode), at: nextSequence())
            return SimulatedFile(name: name, inode: inode, disk: self)
        }
    }

    package func rename(_ old: String, to new: String) throws(EventLogError) {
        try perform(.rename, old) { _ throws(EventLogError) in
            try refuseWhenReadOnly(old)
            guard let inode = directory.visible[old] else { throw .system("rename", old, ENOENT) }
            directory.apply(.rename(old, new, inode), at: nextSequence())
        }
    }

    package func unlink(_ name: String) throws(EventLogError) {
        try perform(.unlink, name) { _ throws(EventLogError) in
            try refuseWhenReadOnly(name)
            guard directory.visible[name] != nil else { throw .system("unlink", name, ENOENT) }
            directory.apply(.unlink(name), at: nextSequence())
        }
    }

    package func createFolder(_ name: String) throws(EventLogError) {
        try perform(.createFolder, name) { _ throws(EventLogError) in
            try refuseWhenReadOnly(name)
            guard !directory.visibleFolders.contains(name) else { return }
            directory.apply(.makeFolder(name), at: nextSequence())
        }
    }

    package func syncDirectory(folder: String?) throws(EventLogError) {
        try perform(.syncDirectory, folder ?? ".") { fault throws(EventLogError) in
            if case .lie = fault?.effect { return }
            directory.flush(folder: folder)
        }
    }

    package func lock() throws(EventLogError) -> any StorageLock {
        try perform(.lock, LogFileName.lock) { _ throws(EventLogError) in
            try refuseWhenReadOnly(LogFileName.lock)
            guard !isLocked else { throw EventLogError(.locked, "the simulated lock is held") }
            isLocked = true
            return SimulatedLock(disk: self)
        }
    }

    func unlock() { isLocked = false }

    private func refuseWhenReadOnly(_ name: String) throws(EventLogError) {
        guard !isReadOnly else {
            throw EventLogError(.readOnly, "the log was opened for reading only", file: name)
        }
    }
}

private final class SimulatedLock: StorageLock {
    private let disk: SimulatedDisk

    init(disk: SimulatedDisk) { self.disk = disk }

    func describe(_ text: String) throws(EventLogError) {
        try disk.perform(.describe, LogFileName.lock) { _ throws(EventLogError) in }
    }

    func release() { disk.unlock() }
}

// MARK: - Files as bytes

extension SimulatedDisk {
    package var fileNames: [String] { directory.sortedNames }

    /// What a process would read; empty when there is no such file.
    package func bytes(_ name: String) -> [UInt8] { directory.visible[name]?.visible ?? [] }

    /// Puts a file there, durable.
    package func set(_ name: String, _ bytes: [UInt8]) {
        let inode = Inode(bytes)
        directory.visible[name] = inode
        directory.durable[name] = inode
        if let folder = SimulatedDirectory.folder(of: name) {
            directory.visibleFolders.insert(folder)
            directory.durableFolders.insert(folder)
        }
    }

    /// Takes a file away, durably.
    package func remove(_ name: String) {
        directory.visible[name] = nil
        directory.durable[name] = nil
    }

    /// The names of all files, sorted.
    package var names: [String] { directory.visible.keys.sorted() }

    /// Changes the bytes of a file on the disk, as rot or a foreign hand would.
    package func damage(_ name: String, _ body: (inout [UInt8]) -> Void) {
        guard let inode = directory.visible[name] else { return }
        body(&inode.visible)
        inode.durable = inode.visible
        inode.pending = []
    }
}

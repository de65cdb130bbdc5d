import DaybookLog
import Glibc
import Synchronization

/// A disk in memory that can lose what was not synced and fail any call.
///
/// Every file keeps what is durable and the writes since; a crash decides which of those survive.
final class SimulatedDisk: Storage {
    enum Call: Hashable, Sendable {
        case read, write, sync, syncAll, truncate, allocate, rename, unlink, syncDirectory, open
        case byteCount
    }

    struct Fault: Sendable {
        var errno: Int32
        /// Of which file; `nil`: of any.
        var file: String?
        /// How many such calls succeed before.
        var after = 0
        /// Whether later calls fail too.
        var isPersistent = false
    }

    final class Node: Sendable {
        struct State: Sendable {
            var durable: [UInt8] = []
            var visible: [UInt8] = []
            /// Since the last sync, oldest first.
            var pending: [(offset: Int, bytes: [UInt8])] = []
        }
        let state: Mutex<State>

        init(_ bytes: [UInt8] = []) {
            state = Mutex(State(durable: bytes, visible: bytes))
        }
    }

    private struct State: Sendable {
        var names: [String: Node] = [:]
        var durableNames: [String: Node] = [:]
        var faults: [Call: Fault] = [:]
        var callCount = 0
        var syncCount = 0
        var isLocked = false
        /// Bytes of space; allocations beyond fail with ENOSPC.
        var capacity = Int.max
        var refusedForSpaceCount = 0
        /// A write accepts at most so many bytes.
        var longestWrite = Int.max
    }

    private let state = Mutex(State())
    let isReadOnly: Bool

    init(isReadOnly: Bool = false) {
        self.isReadOnly = isReadOnly
    }

    // MARK: Faults

    func fail(
        _ call: Call, with errno: Int32, file: String? = nil, after: Int = 0, for ever: Bool = false
    ) {
        state.withLock {
            $0.faults[call] = Fault(errno: errno, file: file, after: after, isPersistent: ever)
        }
    }

    func heal() { state.withLock { $0.faults = [:] } }

    var capacity: Int {
        get { state.withLock { $0.capacity } }
        set { state.withLock { $0.capacity = newValue } }
    }

    /// How often space was asked for that is not there.
    var refusedForSpaceCount: Int { state.withLock { $0.refusedForSpaceCount } }

    var longestWrite: Int {
        get { state.withLock { $0.longestWrite } }
        set { state.withLock { $0.longestWrite = newValue } }
    }

    var syncCount: Int { state.withLock { $0.syncCount } }

    func check(_ call: Call, _ file: String) throws(EventLogError) {
        let failure = state.withLock { state -> Int32? in
            state.callCount += 1
            if call == .sync || call == .syncAll { state.syncCount += 1 }
            guard var fault = state.faults[call], fault.file == nil || fault.file == file else {
                return nil
            }
            guard fault.after == 0 else {
                fault.after -= 1
                state.faults[call] = fault
                return nil
            }
            if !fault.isPersistent { state.faults[call] = nil }
            return fault.errno
        }
        if let failure { throw .system("simulated \(call)", file, failure) }
    }

    func checkCapacity(_ node: Node, wanting byteCount: Int, _ file: String) throws(EventLogError) {
        let used = state.withLock { state in
            state.names.values.filter { $0 !== node }
                .reduce(0) { $0 + $1.state.withLock { $0.visible.count } }
        }
        if used + byteCount > capacity {
            state.withLock { $0.refusedForSpaceCount += 1 }
            throw .system("allocate", file, ENOSPC)
        }
    }

    // MARK: Crashes

    /// What a crash does to the pending writes of one file.
    typealias Survival =
        @Sendable (_ file: String, _ durable: [UInt8], _ pending: [(offset: Int, bytes: [UInt8])])
        -> [UInt8]

    /// The disk after a power cut: a new one, so that nothing of the old process can touch it.
    ///
    /// - Parameter names: whether names that were not synced survive.
    func crashed(names keepsNames: Bool = true, _ survival: Survival) -> SimulatedDisk {
        let after = SimulatedDisk()
        let names = state.withLock { keepsNames ? $0.names : $0.durableNames }
        for name in names.keys.sorted() {
            guard let node = names[name] else { continue }
            let (durable, pending) = node.state.withLock { ($0.durable, $0.pending) }
            after.set(name, survival(name, durable, pending))
        }
        return after
    }

    /// A process that was killed: the operating system keeps everything.
    func killed() -> SimulatedDisk {
        let after = SimulatedDisk()
        let names = state.withLock { $0.names }
        for name in names.keys.sorted() {
            if let node = names[name] { after.set(name, node.state.withLock { $0.visible }) }
        }
        return after
    }

    static let losesPending: Survival = { _, durable, _ in durable }

    /// A copy for reading only.
    func readOnly() -> SimulatedDisk {
        let copy = SimulatedDisk(isReadOnly: true)
        let names = state.withLock { $0.names }
        copy.state.withLock { $0.names = names }
        return copy
    }

    // MARK: Files as bytes

    func bytes(_ name: String) -> [UInt8] {
        state.withLock { $0.names[name] }?.state.withLock { $0.visible } ?? []
    }

    func set(_ name: String, _ bytes: [UInt8]) {
        let node = Node(bytes)
        state.withLock {
            $0.names[name] = node
            $0.durableNames[name] = node
        }
    }

    func remove(_ name: String) {
        state.withLock {
            $0.names[name] = nil
            $0.durableNames[name] = nil
        }
    }

    func flip(_ name: String, byte: Int, bit: Int) {
        state.withLock { $0.names[name] }?.state.withLock { node in
            node.visible[byte] ^= 1 << UInt8(bit)
            // What was never synced has no durable form.
            if byte < node.durable.count { node.durable[byte] ^= 1 << UInt8(bit) }
        }
    }

    var fileNames: [String] { state.withLock { $0.names.keys.sorted() } }

    // MARK: Storage

    func list() throws(EventLogError) -> [String] { fileNames.filter { !$0.contains("/") } }

    func open(_ name: String, _ mode: StorageOpenMode) throws(EventLogError) -> any StorageFile {
        try check(.open, name)
        let node = state.withLock { state -> Node? in
            if mode == .replace { state.names[name] = Node() }
            return state.names[name]
        }
        guard let node else { throw .system("open", name, ENOENT) }
        return SimulatedFile(name: name, node: node, disk: self)
    }

    func rename(_ old: String, to new: String) throws(EventLogError) {
        try check(.rename, old)
        state.withLock { state in
            state.names[new] = state.names[old]
            state.names[old] = nil
        }
    }

    func unlink(_ name: String) throws(EventLogError) {
        try check(.unlink, name)
        state.withLock { $0.names[name] = nil }
    }

    func createFolder(_ name: String) throws(EventLogError) {}

    func syncDirectory(folder: String?) throws(EventLogError) {
        try check(.syncDirectory, folder ?? ".")
        state.withLock { $0.durableNames = $0.names }
    }

    func lock() throws(EventLogError) -> any StorageLock {
        let isTaken = state.withLock { state in
            defer { state.isLocked = true }
            return state.isLocked
        }
        guard !isTaken else { throw EventLogError(.locked, "simulated lock is held") }
        return SimulatedLock { self.state.withLock { $0.isLocked = false } }
    }

    /// As if the lock were not honoured, on another mount.
    func dropLock() { state.withLock { $0.isLocked = false } }
}

private final class SimulatedLock: StorageLock {
    private let onRelease: @Sendable () -> Void

    init(_ onRelease: @escaping @Sendable () -> Void) { self.onRelease = onRelease }

    func describe(_ text: String) throws(EventLogError) {}
    func release() { onRelease() }
}

private final class SimulatedFile: StorageFile {
    let name: String
    let node: SimulatedDisk.Node
    let disk: SimulatedDisk

    init(name: String, node: SimulatedDisk.Node, disk: SimulatedDisk) {
        self.name = name
        self.node = node
        self.disk = disk
    }

    func read(into bytes: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(EventLogError)
        -> Int
    {
        try disk.check(.read, name)
        return node.state.withLock { state in
            let start = min(Int(offset), state.visible.count)
            let count = min(bytes.count, state.visible.count - start)
            state.visible.withUnsafeBytes { source in
                bytes.copyMemory(
                    from: UnsafeRawBufferPointer(rebasing: source[start..<(start + count)]))
            }
            return count
        }
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws(EventLogError) -> Int {
        try disk.check(.write, name)
        let written = Array(bytes.prefix(disk.longestWrite))
        let start = Int(offset)
        node.state.withLock { state in
            if state.visible.count < start + written.count {
                state.visible += Array(
                    repeating: 0, count: start + written.count - state.visible.count)
            }
            state.visible.replaceSubrange(start..<(start + written.count), with: written)
            state.pending.append((start, written))
        }
        return written.count
    }

    func sync() throws(EventLogError) {
        try disk.check(.sync, name)
        flush()
    }

    func syncAll() throws(EventLogError) {
        try disk.check(.syncAll, name)
        flush()
    }

    private func flush() {
        node.state.withLock { state in
            state.durable = state.visible
            state.pending = []
        }
    }

    func truncate(to byteCount: UInt64) throws(EventLogError) {
        try disk.check(.truncate, name)
        resize(Int(byteCount))
    }

    func allocate(_ byteCount: UInt64) throws(EventLogError) {
        try disk.check(.allocate, name)
        try disk.checkCapacity(node, wanting: Int(byteCount), name)
        resize(max(Int(byteCount), node.state.withLock { $0.visible.count }))
    }

    private func resize(_ byteCount: Int) {
        node.state.withLock { state in
            if byteCount < state.visible.count {
                state.visible.removeLast(state.visible.count - byteCount)
            } else {
                state.visible += Array(repeating: 0, count: byteCount - state.visible.count)
            }
        }
    }

    func makeReadOnly() throws(EventLogError) {}
    func byteCount() throws(EventLogError) -> UInt64 {
        try disk.check(.byteCount, name)
        return UInt64(node.state.withLock { $0.visible.count })
    }
    func close() {}
}

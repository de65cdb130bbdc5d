/// Names and what they stand for: as processes see them, and as they are on the disk.
struct SimulatedDirectory {
    enum Change {
        case link(String, Inode)
        case rename(String, String, Inode)
        case unlink(String)
        case makeFolder(String)
    }

    var visible: [String: Inode] = [:]
    var durable: [String: Inode] = [:]
    var visibleFolders: Set<String> = []
    var durableFolders: Set<String> = []
    var pending: [(sequence: Int, change: Change)] = []

    mutating func apply(_ change: Change, at sequence: Int) {
        SimulatedDirectory.apply(change, names: &visible, folders: &visibleFolders)
        pending.append((sequence, change))
    }

    /// Makes the names of one folder durable, or those of the directory itself.
    mutating func flush(folder: String?) {
        var rest: [(sequence: Int, change: Change)] = []
        for (sequence, change) in pending {
            if SimulatedDirectory.folder(of: change) == folder {
                SimulatedDirectory.apply(change, names: &durable, folders: &durableFolders)
            } else {
                rest.append((sequence, change))
            }
        }
        pending = rest
    }

    static func apply(
        _ change: Change, names: inout [String: Inode], folders: inout Set<String>
    ) {
        switch change {
        case .link(let name, let inode): names[name] = inode
        case .rename(let old, let new, let inode):
            if names[old] === inode { names[old] = nil }
            names[new] = inode
        case .unlink(let name): names[name] = nil
        case .makeFolder(let name): folders.insert(name)
        }
    }

    static func folder(of change: Change) -> String? {
        switch change {
        case .link(let name, _), .unlink(let name), .rename(_, let name, _): folder(of: name)
        case .makeFolder: nil
        }
    }

    static func folder(of name: String) -> String? {
        name.utf8.firstIndex(of: UInt8(ascii: "/")).map { String(name[..<$0]) }
    }

    /// The visible names, sorted, so that nothing depends on how a dictionary is laid out.
    var sortedNames: [String] { visible.keys.sorted() }
}

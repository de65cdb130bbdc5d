import DaybookCore

@testable import DaybookLog

/// Bytes that a reader must understand, or refuse, in the way that its JSON file says.
struct Vector {
    enum Content {
        /// `NAME.bin`: one structure or file.
        case structure(StructureKind, [UInt8])
        /// The folder `NAME`: a whole log.
        case log(SimulatedDisk)
        /// A whole log that differs from another vector's; only the differences are stored.
        case changed(log: String, [FileEdit])
    }

    /// Three digits, a dash and a name.
    var name: String
    /// One sentence for the reader of the JSON file.
    var about: String
    var content: Content
    /// Whether today's code must write exactly these bytes; what LZ4 makes depends on its version.
    var isReproducible = true

    static func structure(
        _ name: String, _ kind: StructureKind, _ about: String, _ bytes: [UInt8],
        isReproducible: Bool = true
    ) -> Vector {
        Vector(
            name: name, about: about, content: .structure(kind, bytes),
            isReproducible: isReproducible)
    }
}

enum StructureKind: String {
    case segmentHeader = "segment-header"
    case frame
    case markFile = "mark-file"
    case sealAndTrailer = "seal-and-trailer"
    case batch
    /// The raw length as a `u32`, then the block.
    case lz4Block = "lz4-block"
}

/// One change of a file of a log.
enum FileEdit: Equatable {
    /// Bytes from an offset on are others; the file grows with zeros where they lie beyond its end.
    case bytes(file: String, offset: Int, [UInt8])
    /// The file is cut, or grows with zeros.
    case length(file: String, Int)
    case remove(file: String)

    /// What leads from the files of one log to those of another.
    static func differences(from old: SimulatedDisk, to new: SimulatedDisk) -> [FileEdit] {
        var edits: [FileEdit] = []
        for name in Set(old.fileNames + new.fileNames).subtracting(["LOCK"]).sorted() {
            guard new.fileNames.contains(name) else {
                edits.append(.remove(file: name))
                continue
            }
            var before = old.bytes(name)
            let after = new.bytes(name)
            if before.count != after.count || !old.fileNames.contains(name) {
                edits.append(.length(file: name, after.count))
                before = Array(before.prefix(after.count))
                before += Array(repeating: 0, count: after.count - before.count)
            }
            edits += runs(name, before, after)
        }
        return edits
    }

    /// Runs of different bytes; short equal stretches do not end one.
    private static func runs(_ name: String, _ before: [UInt8], _ after: [UInt8]) -> [FileEdit] {
        var edits: [FileEdit] = []
        var index = 0
        while index < after.count {
            guard before[index] != after[index] else {
                index += 1
                continue
            }
            var end = index + 1
            var last = end
            while end < after.count, end - last < 16 {
                if before[end] != after[end] { last = end + 1 }
                end += 1
            }
            edits.append(.bytes(file: name, offset: index, Array(after[index..<last])))
            index = last
        }
        return edits
    }

    func apply(to disk: SimulatedDisk) {
        switch self {
        case .bytes(let file, let offset, let bytes):
            var content = disk.bytes(file)
            content += Array(repeating: 0, count: max(0, offset + bytes.count - content.count))
            content.replaceSubrange(offset..<(offset + bytes.count), with: bytes)
            disk.set(file, content)
        case .length(let file, let count):
            let content = disk.bytes(file)
            disk.set(
                file,
                Array(content.prefix(count))
                    + Array(repeating: 0, count: max(0, count - content.count)))
        case .remove(let file): disk.remove(file)
        }
    }

    var json: [String: Any] {
        switch self {
        case .bytes(let file, let offset, let bytes):
            ["file": file, "offset": offset, "bytes": hex(bytes)]
        case .length(let file, let count): ["file": file, "length": count]
        case .remove(let file): ["file": file, "remove": true]
        }
    }

    init?(json: [String: Any]) {
        guard let file = json["file"] as? String else { return nil }
        if let offset = json["offset"] as? Int, let digits = json["bytes"] as? String {
            self = .bytes(file: file, offset: offset, DaybookLogTests.bytes(hex: digits))
        } else if let count = json["length"] as? Int {
            self = .length(file: file, count)
        } else if json["remove"] != nil {
            self = .remove(file: file)
        } else {
            return nil
        }
    }
}

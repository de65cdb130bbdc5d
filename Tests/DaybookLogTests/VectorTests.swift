import DaybookCore
import Foundation
import Testing

@testable import DaybookLog

/// What every reader of the format must find, in any language: Schemas/log/vectors/v1.
///
/// `DAYBOOK_RECORD=1 swift test --no-parallel --filter 'Vectors of the format'` writes the files of vectors that are new; it
/// never changes one that exists. Tests/EndToEnd/reader.py holds the Python reader against them.
@Suite struct `Vectors of the format` {
    static let all: Result<[Vector], any Error> = Result {
        try Vector.structures() + Vector.logs() + VectorDamage.all()
    }

    init() throws {
        guard ProcessInfo.processInfo.environment["DAYBOOK_RECORD"] == "1" else { return }
        for vector in try Self.all.get() {
            switch vector.content {
            case .structure(_, let bytes):
                try VectorFolder.record(bytes, at: "\(vector.name).bin")
            case .log(let disk):
                for file in disk.fileNames {
                    try VectorFolder.record(disk.bytes(file), at: "\(vector.name)/\(file)")
                }
            case .changed: break
            }
            let text = try VectorFolder.text(Self.reading(vector))
            try VectorFolder.record(Array(text.utf8), at: "\(vector.name).json")
        }
    }

    /// A log as it is stored.
    private static func storedLog(_ name: String) throws -> SimulatedDisk {
        let disk = SimulatedDisk()
        for path in try VectorFolder.files() where path.hasPrefix(name + "/") {
            disk.set(String(path.dropFirst(name.count + 1)), try VectorFolder.bytes(path))
        }
        return disk
    }

    /// What today's code reads in the stored bytes.
    private static func reading(_ vector: Vector) throws -> [String: Any] {
        var json: [String: Any] = ["about": vector.about]
        switch vector.content {
        case .structure(let kind, _):
            json["structure"] = kind.rawValue
            json["content"] = VectorReading.structure(
                kind, try VectorFolder.bytes("\(vector.name).bin"))
        case .log:
            let disk = try storedLog(vector.name)
            json["log"] = vector.name
            json.merge(try VectorReading.log(disk)) { _, new in new }
            json["content"] = try VectorReading.batches(disk)
        case .changed(let base, let edits):
            let disk = try storedLog(base)
            for edit in edits { edit.apply(to: disk) }
            json["log"] = base
            json["edits"] = edits.map(\.json)
            json.merge(try VectorReading.log(disk)) { _, new in new }
        }
        return json
    }

    @Test func `given stored vectors, when read, then they are what their JSON says`() throws {
        for vector in try Self.all.get() {
            let expected = String(
                decoding: try VectorFolder.bytes("\(vector.name).json"), as: UTF8.self)
            #expect(try VectorFolder.text(Self.reading(vector)) == expected, "\(vector.name)")
        }
    }

    @Test
    func `given today's code, when it writes the vectors anew, then the bytes are the stored ones`()
        throws
    {
        for vector in try Self.all.get() where vector.isReproducible {
            switch vector.content {
            case .structure(_, let bytes):
                #expect(try VectorFolder.bytes("\(vector.name).bin") == bytes, "\(vector.name)")
            case .log(let disk):
                for file in disk.fileNames {
                    let stored = try VectorFolder.bytes("\(vector.name)/\(file)")
                    #expect(stored == disk.bytes(file), "\(vector.name)/\(file)")
                }
            case .changed(_, let edits):
                let stored = try VectorFolder.json("\(vector.name).json")["edits"]
                let storedEdits = (stored as? [[String: Any]] ?? []).map(FileEdit.init(json:))
                #expect(storedEdits == edits, "\(vector.name)")
            }
        }
    }

    @Test func `given what LZ4 made once, then today's code writes the same content`() throws {
        for vector in try Self.all.get() where !vector.isReproducible {
            switch vector.content {
            case .structure(let kind, let bytes):
                let written = VectorReading.structure(kind, bytes) as? [String: Any]
                let stored =
                    VectorReading.structure(kind, try VectorFolder.bytes("\(vector.name).bin"))
                    as? [String: Any]
                let content = try #require(stored?["content"] as? [[String: Any]])
                #expect(written?["content"] as? NSArray == content as NSArray)
            case .log(let disk):
                #expect(
                    try VectorReading.batches(disk) as NSArray
                        == VectorReading.batches(Self.storedLog(vector.name)) as NSArray)
            case .changed: break
            }
        }
    }

    @Test func `given the folder, then it holds the vectors and no more, in less than 300 KiB`()
        throws
    {
        let expected = try Self.all.get().flatMap { vector -> [String] in
            switch vector.content {
            case .structure: ["\(vector.name).bin", "\(vector.name).json"]
            case .log(let disk):
                ["\(vector.name).json"] + disk.fileNames.map { "\(vector.name)/\($0)" }
            case .changed: ["\(vector.name).json"]
            }
        }
        let files = try VectorFolder.files()
        #expect(files == expected.sorted())
        let byteCount = try files.reduce(0) { try $0 + VectorFolder.bytes($1).count }
        #expect(byteCount < 300 << 10)
    }

    @Test func `given vectors of every verdict, then none of them is missing`() throws {
        let verdicts = try Self.all.get().compactMap { vector in
            try VectorFolder.json("\(vector.name).json")["verdict"] as? String
        }
        #expect(Set(verdicts) == ["sound", "damaged", "newer"])
    }
}

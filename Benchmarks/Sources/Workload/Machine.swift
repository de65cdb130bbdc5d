import CMachine
import Foundation

/// What the files of a store hold.
public struct StoreSize: Sendable {
    /// Bytes of the log that are in use: segments without the prepared rest of the newest.
    public let logPayload: Int
    public let readModels: Int

    public init(directory: String) {
        logPayload = StoreSize.usedByteCount(ofLogIn: directory + "/log")
        readModels = StoreSize.byteCount(in: directory + "/read-models")
    }

    private static func byteCount(in folder: String) -> Int {
        files(in: folder).reduce(0) { $0 + $1.byteCount }
    }

    private static func usedByteCount(ofLogIn folder: String) -> Int {
        files(in: folder).reduce(0) { sum, file in
            guard file.path.hasSuffix(".seg"), let handle = FileHandle(forReadingAtPath: file.path)
            else { return sum }
            defer { try? handle.close() }
            // The prepared rest of a segment is zeros; halving finds where they begin.
            var low = 0
            var high = file.byteCount
            while low < high {
                let middle = (low + high) / 2
                try? handle.seek(toOffset: UInt64(middle))
                let piece = (try? handle.read(upToCount: 64 << 10)) ?? Data()
                if piece.allSatisfy({ $0 == 0 }) { high = middle } else { low = middle + 1 }
            }
            return sum + low
        }
    }

    private static func files(in folder: String) -> [(path: String, byteCount: Int)] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.compactMap { name in
            var status = stat()
            let path = folder + "/" + name
            guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
            return (path, Int(status.st_size))
        }
    }
}

/// The memory of this process.
public enum ProcessMemory {
    /// Bytes that are in memory now.
    public static var residentByteCount: Int {
        guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .ascii) else {
            return 0
        }
        let fields = text.split(separator: " ")
        return fields.count > 1 ? (Int(fields[1]) ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE))) : 0
    }

    /// Bytes that were allocated and not freed: without what the allocator keeps for later.
    public static var allocatedByteCount: Int { Int(allocated_byte_count()) }

    /// Has the allocator give back to the system what is free.
    public static func giveBack() {
        give_free_memory_back()
    }
}

/// Where what a run measures begins and ends; for counters outside of the process.
public enum Measurement {
    public static func begins() { announce_measurement_begins() }
    public static func ends() { announce_measurement_ends() }
}

import Foundation

@testable import daybook

/// A file system of its own, in memory and of a fixed size; needs the right to mount.
final class MountedFolder {
    let path: String

    /// `nil` where nobody may mount.
    init?(mebibytes: Int) throws {
        path = NSTemporaryDirectory() + "/daybook-mount-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        let status = try MountedFolder.run(
            ["mount", "-t", "tmpfs", "-o", "size=\(mebibytes)m,mode=700", "tmpfs", path])
        guard status == 0 else {
            try FileManager.default.removeItem(atPath: path)
            return nil
        }
    }

    deinit {
        _ = try? MountedFolder.run(["umount", path])
        try? FileManager.default.removeItem(atPath: path)
    }

    func remount(readOnly: Bool) throws {
        let status = try MountedFolder.run(
            ["mount", "-o", "remount,\(readOnly ? "ro" : "rw")", path])
        guard status == 0 else {
            throw Failure(.failed, code: "mount", "\(path) cannot be mounted anew")
        }
    }

    /// Takes all space that is left.
    ///
    /// - Returns: the file that takes it.
    func fill() throws -> String {
        let filler = path + "/filler"
        let descriptor = open(filler, O_WRONLY | O_CREAT, 0o600)
        defer { close(descriptor) }
        for size in [1 << 20, 4_096] {
            let block = [UInt8](repeating: 1, count: size)
            while write(descriptor, block, size) == size {}
        }
        return filler
    }

    private static func run(_ words: [String]) throws -> Int32 {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = words
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus
    }
}

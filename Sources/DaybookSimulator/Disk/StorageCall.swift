/// One call of the log on its disk.
package struct StorageCall: Hashable, Sendable {
    package enum Kind: String, CaseIterable, Sendable {
        case list, open, create, read, byteCount, lock
        case write, sync, syncAll, truncate, allocate, makeReadOnly
        case rename, unlink, createFolder, syncDirectory, describe

        /// Whether the disk can be another one after the call than before.
        package var changesDisk: Bool {
            switch self {
            case .list, .open, .read, .byteCount, .lock, .describe: false
            default: true
            }
        }
    }

    /// Counts the calls on this disk, from 0.
    package var index: Int
    package var kind: Kind
    package var file: String
    package var byteOffset: UInt64 = 0
    package var byteCount: Int = 0
}

extension StorageCall: CustomStringConvertible {
    package var description: String {
        let place = byteCount > 0 || byteOffset > 0 ? " \(byteOffset)+\(byteCount)" : ""
        return "#\(index) \(kind.rawValue) \(file)\(place)"
    }
}

/// What is done to a call instead of letting it succeed.
package struct DiskFault: Hashable, Sendable {
    package enum Effect: Hashable, Sendable {
        /// The call fails; a failed sync leaves the pages as its model says.
        case error(errno: Int32)
        /// A write accepts only so many bytes; other calls succeed.
        case short(byteCount: Int)
        /// A sync reports success and makes nothing durable.
        case lie
        /// A write goes to another offset of the same file.
        case misdirect(byBytes: Int)
        /// A write is reported as done and never happens.
        case lose
        /// One bit of what is read is wrong; what is on the disk is right.
        case glitch(bit: Int)
    }

    package var effect: Effect
    package var failedSync: FailedSync

    package init(_ effect: Effect, failedSync: FailedSync = .keepsNew) {
        self.effect = effect
        self.failedSync = failedSync
    }
}

/// What a sync that failed has done to the pages it was to write; file systems differ.
///
/// Source: Rebello and others, "Can Applications Recover from fsync Failures?", 2020.
package enum FailedSync: Hashable, Sendable, CaseIterable {
    /// Memory keeps the new bytes and calls them clean; the disk has the old ones (ext4, xfs).
    case keepsNew
    /// Memory goes back to what the disk has (btrfs).
    case reverts
    /// The bytes stay to be written; a later sync may succeed with them.
    case staysDirty
    /// All bytes are on the disk although the call failed.
    case wroteAll
}

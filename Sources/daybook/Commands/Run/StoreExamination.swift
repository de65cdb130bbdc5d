import DaybookCore
import DaybookDecisions
import DaybookEngine
import DaybookLog
import DaybookProjections
import DaybookVault
import Glibc

/// What `doctor` looks at, one after another; a check that fails does not stop the next.
struct StoreExamination {
    struct Check {
        var name: String
        var detail: String
        /// What is wrong, for programs; `nil` when nothing is.
        var code: String?
    }

    let store: StoreOptions
    private(set) var checks: [Check] = []
    private var log: LogReader?

    init(store: StoreOptions) {
        self.store = store
    }

    mutating func run() {
        checkDirectory()
        checkSettings()
        checkLock()
        checkLog()
        checkIndexes()
        checkEventTypes()
        checkVault()
        checkReadModels()
        checkSpace()
        checkLibrary("liblz4", "LZ4_versionString")
        checkLibrary("sqlite", "sqlite3_libversion")
    }

    private mutating func add(_ name: String, _ detail: String, problem code: String? = nil) {
        checks.append(Check(name: name, detail: detail, code: code))
    }

    private mutating func checkDirectory() {
        var status = stat()
        let path = store.layout.path
        guard stat(path, &status) == 0 else {
            return add("directory", "\(path): \(systemMessage(errno))", problem: "directory")
        }
        let mode = status.st_mode & 0o777
        let text = "\(path), mode \(String(mode, radix: 8)), owner \(status.st_uid)"
        if mode & 0o022 != 0 {
            add("directory", "\(text): others can write; chmod 700 it", problem: "permissions")
        } else if status.st_uid != getuid() {
            add("directory", "\(text), but you are \(getuid())", problem: "owner")
        } else if access(path, W_OK) != 0 {
            add("directory", "\(text): cannot be written; reading works", problem: "read_only")
        } else {
            add("directory", text)
        }
    }

    private mutating func checkSettings() {
        do throws(DaybookError) {
            let (_, names) = try StoreSettings.load(from: store.layout)
            add("settings", names.isEmpty ? "all defaults" : "\(names.count) set")
        } catch {
            add("settings", error.message, problem: error.code)
        }
    }

    private mutating func checkLock() {
        do throws(EventLogError) {
            let storage = try FileStorage(path: store.layout.log)
            let lock = try storage.lock()
            lock.release()
            add("lock", "free")
        } catch {
            // A running writer is no problem; it is good to know who it is.
            add("lock", error.message, problem: error.code == .locked ? nil : error.code.rawValue)
        }
    }

    private mutating func checkLog() {
        do throws(EventLogError) {
            let storage = try FileStorage(path: store.layout.log, readOnly: true)
            let reader = try LogReader.openReadOnly(
                storage: storage, hash: .sha256, upcasters: .current)
            let statistics = reader.statistics
            log = reader
            add(
                "log",
                "\(statistics.eventCount) events in \(statistics.segmentCount) segments, "
                    + "\(statistics.storedByteCount) bytes, ends at position \(reader.head.position)"
            )
        } catch {
            add("log", error.description, problem: Failure(error).code)
        }
    }

    /// Derived files: what is missing or wrong is made anew, so it is no problem.
    private mutating func checkIndexes() {
        guard let report = log?.indexReport(everyBlock: false) else { return }
        var text = "\(report.soundCount) sealed segments have one"
        if !report.missing.isEmpty { text += ", \(report.missing.count) have none yet" }
        if !report.damaged.isEmpty {
            text += ", \(report.damaged.count) are damaged; the next writer makes them anew"
        }
        add("tag indexes", text)
    }

    /// Whether this program can read every event, by the indexes.
    private mutating func checkEventTypes() {
        guard let log else { return }
        do throws(DaybookError) {
            try log.requireKnownEvents()
            add("event types", "this program knows every type and version in the log")
        } catch {
            add("event types", error.message, problem: error.code)
        }
    }

    private mutating func checkVault() {
        do throws(VaultError) {
            let vault = try Vault.open(in: store.layout.path, logID: log?.logID, mode: .readOnly)
            add("vault", "opens with its master key; belongs to \(vault.logID)")
        } catch {
            add("vault", error.message, problem: "vault_\(error.code)")
        }
    }

    private mutating func checkReadModels() {
        guard let log else {
            return add("read models", "not looked at: the log cannot be read", problem: "skipped")
        }
        for status in ProjectionStatus.all(
            of: store.directory, log: log, now: DaybookConfiguration.wallClock())
        {
            let name = "read model \(status.name.rawValue)"
            if let problem = status.problem {
                add(name, problem.text, problem: problem.code)
            } else if let lag = status.lag, lag > 0 {
                add(name, "\(lag) events behind the log; the next start catches up")
            } else {
                add(name, "at position \(status.head)")
            }
        }
    }

    /// Below this a store cannot take another segment and its read models.
    private static let freeByteFloor: UInt64 = 256 << 20

    private mutating func checkSpace() {
        var status = statvfs()
        guard statvfs(store.layout.path, &status) == 0 else {
            return add("disk space", systemMessage(errno), problem: "disk_space")
        }
        let free = UInt64(status.f_bavail) * UInt64(status.f_frsize)
        let text = "\(ProgressLine.grouped(free >> 20)) MiB free"
        if free < StoreExamination.freeByteFloor {
            add("disk space", "\(text); make room", problem: "disk_space")
        } else {
            add("disk space", text)
        }
    }

    /// The version that a library says it has, whichever was found at run time.
    private mutating func checkLibrary(_ name: String, _ symbol: String) {
        typealias Version = @convention(c) () -> UnsafePointer<CChar>?
        guard let address = dlsym(nil, symbol) else {
            return add(name, "linked statically; its version is that of the build")
        }
        let version = unsafeBitCast(address, to: Version.self)
        add(name, version().map { String(cString: $0) } ?? "unknown")
    }
}

internal import DaybookCore
internal import DaybookEngine
internal import DaybookLog
internal import Glibc
internal import Synchronization

/// A process that does with a real log what the lines on its standard input say, one at a time, for
/// harnesses in other languages (Tests/Survival). One line or more answers each command:
///
///     open DIR BYTES lazy|marked   opened HEAD | failed open CODE ERRNO TEXT
///     append KEY                   appended KEY FIRST LAST | failed KEY CODE ERRNO TEXT
///     begin KEY                    begun KEY; the answer of `append` follows when there is one
///     read FROM                    read COUNT | failed read …
///     dump                         batch NUMBER FIRST LAST KEY right|wrong …, then end HEAD
///     verify DIR                   verified sound|damaged TEXT | failed verify …
///     exhaust                      exhausted COUNT: every free descriptor is taken
///     release                      released
///     close                        closed | failed close …
///
/// The end of the input closes the log.
package actor CommandWorker {
    private let output = LineOutput()
    private var log: EventLog?
    private var takenDescriptors: [Int32] = []

    package init() {}

    /// Does one line.
    package func perform(_ line: String) async {
        let words = line.split(separator: " ").map(String.init)
        let argument = words.count > 1 ? words[1] : ""
        switch words.first {
        case "open"? where words.count == 4: open(argument, words[2], words[3])
        case "append"?: await append(argument)
        case "begin"?: begin(argument)
        case "read"?: read(from: UInt64(argument) ?? 1)
        case "dump"?: dump()
        case "verify"?: verify(argument)
        case "exhaust"?: exhaust()
        case "release"?: release()
        case "close"?: await close()
        default: output.write("failed \(line) unknown 0 what is that?")
        }
    }

    /// Closes what is open.
    package func finish() async {
        if log != nil { await close() }
    }

    private func fail(_ what: String, _ error: any Error) {
        let text = "\(error)".replacing("\n", with: " ")
        guard let error = error as? EventLogError else {
            return output.write("failed \(what) other 0 \(text)")
        }
        output.write("failed \(what) \(error.code.rawValue) \(error.errno ?? 0) \(text)")
    }
}

// MARK: - Commands

extension CommandWorker {
    private func open(_ directory: String, _ byteCount: String, _ durability: String) {
        let worker = WorkerLog(
            directory: directory, firstSegmentByteCount: Int(byteCount) ?? 16 << 10,
            segmentByteCount: Int(byteCount) ?? 16 << 10,
            durability: durability == "marked" ? .marked : .lazy)
        do {
            let opened = try worker.open()
            log = opened
            output.write("opened \(opened.head)")
        } catch {
            fail("open", error)
        }
    }

    private func append(_ key: String) async {
        guard let log else { return output.write("failed \(key) closed 0 nothing is open") }
        await Self.append(key, to: log, output)
    }

    private func begin(_ key: String) {
        guard let log else { return output.write("failed \(key) closed 0 nothing is open") }
        output.write("begun \(key)")
        let output = output
        Task { await Self.append(key, to: log, output) }
    }

    private static func append(_ key: String, to log: EventLog, _ output: LineOutput) async {
        guard let batch = KeyedBatch(key: key) else {
            return output.write("failed \(key) invalidBatch 0 the key has no shape")
        }
        do {
            let result = try await log.append(batch.proposed(at: WallClock.now()))
            switch result {
            case .appended(let positions):
                output.write("appended \(key) \(positions.lowerBound) \(positions.upperBound)")
            case .conflict(let position): output.write("conflict \(key) \(position)")
            }
        } catch let error as EventLogError {
            let text = "\(error)".replacing("\n", with: " ")
            output.write("failed \(key) \(error.code.rawValue) \(error.errno ?? 0) \(text)")
        } catch {
            output.write("failed \(key) other 0 \(error)")
        }
    }

    private func read(from position: UInt64) {
        guard let log else { return output.write("failed read closed 0 nothing is open") }
        do {
            let events = try log.read(.all, from: LogPosition(rawValue: position))
            output.write("read \(events.count)")
        } catch {
            fail("read", error)
        }
    }

    /// Every batch, with whether its content is what its key says.
    private func dump() {
        guard let log else { return output.write("failed dump closed 0 nothing is open") }
        do {
            try log.reader.forEachBatch(from: .start, through: nil) { view in
                let batch = try view.recorded()
                let key = batch.metadata.idempotencyKey ?? "-"
                let isRight = KeyedBatch(key: key)?.isContent(of: batch) ?? false
                let digest = KeyedBatch.digest(of: batch.events.map(\.payload))
                output.write(
                    "batch \(batch.number) \(batch.firstPosition) \(batch.lastPosition) \(key) "
                        + "\(isRight ? "right" : "wrong") \(digest)")
                return true
            }
            output.write("end \(log.head)")
        } catch {
            fail("dump", error)
        }
    }

    private func verify(_ directory: String) {
        do {
            let report = try LogVerifier.verify(
                storage: FileStorage(path: directory, readOnly: true), hash: .sha256)
            let text = "\(report)".replacing("\n", with: "; ")
            output.write("verified \(report.isSound ? "sound" : "damaged") \(text)")
        } catch {
            fail("verify", error)
        }
    }

    private func exhaust() {
        while true {
            let descriptor = Glibc.open("/dev/null", O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else { break }
            takenDescriptors.append(descriptor)
        }
        output.write("exhausted \(takenDescriptors.count)")
    }

    private func release() {
        for descriptor in takenDescriptors { Glibc.close(descriptor) }
        takenDescriptors = []
        output.write("released")
    }

    private func close() async {
        guard let log else { return output.write("closed") }
        self.log = nil
        do {
            try await log.close()
            output.write("closed")
        } catch {
            fail("close", error)
        }
    }
}

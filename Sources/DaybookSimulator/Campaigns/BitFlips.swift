import DaybookCore
import DaybookEngine
package import DaybookLog

/// Flips every single bit of a log, one after another, and judges what verification says to each.
///
/// The log is real: written by the log's own code, two segments (one sealed, one active) and the mark.
/// For each flip the flipped file is verified, which must find it, name its place exactly and propose
/// the very bytes that were written. A sample is opened and repaired for real.
package struct BitFlips: Sendable {
    /// Kinds of places, as the report lists them.
    package enum Place: String, CaseIterable, Sendable {
        case segmentHeader = "segment header"
        case frameHeader = "frame header"
        case payload
        case padding
        case seal = "seal and sparse index"
        case trailer
        case zeros = "zeros behind the end"
        case markSlot = "mark slot"
        case markReserved = "zeros of the mark"

        /// Whether every flip there must be repaired, not only found.
        var mustBeRepaired: Bool { self == .frameHeader || self == .payload }
    }

    package struct Tally: Hashable, Sendable {
        package var cases = 0
        /// A finding whose range holds the byte, and the log does not count as sound.
        package var detected = 0
        /// Exactly one finding, and its repair names this byte and this bit.
        package var named = 0
        /// The repair restores the original bytes, with a proof that needs nobody's decision.
        package var repaired = 0
        /// By the proof.
        package var proofs: [String: Int] = [:]

        package var refused: Int { cases - repaired }

        mutating func add(_ other: Tally) {
            cases += other.cases
            detected += other.detected
            named += other.named
            repaired += other.repaired
            proofs.merge(other.proofs) { $0 + $1 }
        }
    }

    package struct Report: Sendable {
        package var tallies: [Place: Tally] = [:]
        package var byteCount = 0
        /// Flips that were opened for writing: refused, or opened with nothing lost.
        package var openedCount = 0
        /// Flips that were repaired on a simulated disk and verified again.
        package var repairedOnDiskCount = 0
        /// What missed a bar, each with file, byte and bit; the first ones.
        package var failures: [String] = []
        package var failureCount = 0

        package var total: Tally {
            Place.allCases.reduce(into: Tally()) { sum, place in
                if let tally = tallies[place] { sum.add(tally) }
            }
        }

        /// Bar 3 of LOG.md, section 10.
        package var isOK: Bool {
            total.cases >= 524_288 && failureCount == 0 && openedCount > 0
                && repairedOnDiskCount > 0
        }

        mutating func fail(_ text: String) {
            failureCount += 1
            if failures.count < 20 { failures.append(text) }
        }

        mutating func add(_ other: Report) {
            for (place, tally) in other.tallies { tallies[place, default: Tally()].add(tally) }
            openedCount += other.openedCount
            repairedOnDiskCount += other.repairedOnDiskCount
            failureCount += other.failureCount
            failures = Array((failures + other.failures).prefix(20))
        }
    }

    let hash: HashFunction
    let files: [String: [UInt8]]
    let places: [String: [Place]]
    let options: EventLogOptions

    /// One flip in so many is opened for writing, and repaired on a simulated disk.
    private static let openingStride = 211
    private static let repairStride = 2_003

    /// - Parameter codec: of the log that is flipped.
    package init(codec: EventLogOptions.Codec) throws {
        let hash = HashFunction.sha256
        self.hash = hash
        (files, options) = try BitFlips.makeLog(hash, codec)
        places = try BitFlips.classify(files)
    }

    /// Runs every case. Deterministic: the same cases and verdicts every time.
    ///
    /// - Parameter stride: flips only one bit in so many; the bar is then not reached.
    package func run(threads: Int, stride: Int = 1) async throws -> Report {
        let names = files.keys.sorted()
        var report = Report()
        report.byteCount = files.values.reduce(0) { $0 + $1.count }
        let parts = try await withThrowingTaskGroup(of: Report.self) { group in
            for part in 0..<threads {
                group.addTask {
                    var report = Report()
                    for name in names { try flip(name, part, of: threads, stride, &report) }
                    return report
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        for part in parts { report.add(part) }
        return report
    }
}

// MARK: - One file

extension BitFlips {
    private func flip(
        _ name: String, _ part: Int, of parts: Int, _ stride: Int, _ report: inout Report
    ) throws {
        guard let original = files[name], let places = places[name] else { return }
        let storage = FlippedLog(files)
        let check = try prepared(name, storage)
        for byte in original.indices where byte % parts == part {
            for bit in 0..<8 where (byte * 8 + bit) % stride == 0 {
                storage.flip(name, byte, bit)
                defer { storage.flip(name, byte, bit) }
                let found = try check(storage)
                judge(found, name, byte, bit, places[byte], original, &report)
                let index = (byte * 8 + bit) / stride
                if index % BitFlips.openingStride == 0 { try open(name, byte, bit, &report) }
                if index % BitFlips.repairStride == 0 { try repair(name, byte, bit, &report) }
            }
        }
    }

    /// A check of one file: what comes before it is verified once.
    private func prepared(_ name: String, _ storage: FlippedLog) throws
        -> (FlippedLog) throws -> VerificationReport
    {
        let last = UInt64(files.count - 1)
        guard let number = LogFileName.segmentNumber(of: name) else {
            return { try LogVerifier.verify(storage: $0, hash: hash) }
        }
        var before = VerificationRun(storage: storage, hash: hash)
        try before.checkMark()
        for earlier in 1..<number { try before.checkSegment(earlier, isLast: false) }
        return { [before] _ in
            var run = before
            try run.checkSegment(number, isLast: number == last)
            run.proveMarkSlots()
            return run.report
        }
    }

    private func judge(
        _ found: VerificationReport, _ name: String, _ byte: Int, _ bit: Int, _ place: Place,
        _ original: [UInt8], _ report: inout Report
    ) {
        var tally = Tally()
        tally.cases = 1
        let finding = found.findings.first {
            $0.file == name && $0.byteRange.contains(UInt64(byte))
        }
        if finding != nil, !found.isSound { tally.detected = 1 }
        if let finding, let repair = finding.repair {
            if found.findings.count == 1, let flipped = repair.flippedBit,
                flipped.byteOffset == UInt64(byte), flipped.bit == bit
            {
                tally.named = 1
            }
            if tally.named == 1, !repair.needsDecision,
                repair.replacements.first?.new == [original[byte]]
            {
                tally.repaired = 1
            }
            tally.proofs[repair.proof.rawValue] = 1
        }
        report.tallies[place, default: Tally()].add(tally)
        let isMissed =
            tally.detected == 0 || tally.named == 0
            || place.mustBeRepaired && tally.repaired == 0
        if isMissed {
            report.fail("\(name) byte \(byte) bit \(bit) (\(place.rawValue)): \(found)")
        }
    }
}

// MARK: - The real thing, for a sample

extension BitFlips {
    private func disk(_ name: String, _ byte: Int, _ bit: Int) -> SimulatedDisk {
        let disk = SimulatedDisk()
        for (name, bytes) in files { disk.set(name, bytes) }
        disk.damage(name) { $0[byte] ^= 1 << UInt8(bit) }
        return disk
    }

    /// Opening refuses with a finding in this file, or opens with nothing lost.
    private func open(_ name: String, _ byte: Int, _ bit: Int, _ report: inout Report) throws {
        report.openedCount += 1
        let truth = try LogVerifier.verify(storage: FlippedLog(files), hash: hash)
        do throws(EventLogError) {
            let opened = try LogDirectory.open(
                storage: disk(name, byte, bit), options: options, hash: hash,
                clock: { BitFlips.time })
            guard opened.reader.head == truth.head else {
                report.fail("\(name) byte \(byte) bit \(bit): opened at \(opened.reader.head)")
                return
            }
        } catch {
            let file = error.finding?.file ?? error.file
            guard error.code != .io, file == name else {
                report.fail("\(name) byte \(byte) bit \(bit): open says \(error)")
                return
            }
        }
    }

    /// The repair makes the log sound, keeps every byte that was there, and is recorded.
    private func repair(_ name: String, _ byte: Int, _ bit: Int, _ report: inout Report) throws {
        report.repairedOnDiskCount += 1
        let disk = disk(name, byte, bit)
        var decision = LogRepair.Decision(operatorName: "bits", reason: "every bit")
        decision.trustsChecksums = true
        let outcome = try LogRepair(
            storage: disk, options: options, hash: hash, clock: { BitFlips.time }
        ).run(decision)
        let after = try LogVerifier.verify(storage: disk, hash: hash)
        let sealed = LogFileName.segment(1)
        let isSame = disk.bytes(sealed) == files[sealed]
        guard after.findings.isEmpty, isSame, outcome.plan.refused.isEmpty, outcome.note != nil
        else {
            report.fail("\(name) byte \(byte) bit \(bit): repaired to \(after)")
            return
        }
    }

    static let time = Instant(microseconds: 1_700_000_000_000_000)
}

import ArgumentParser
import DaybookCore
import DaybookEngine
import DaybookLog

/// `daybook verify`
struct VerifyCommand: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Check every byte of the log.",
        discussion: """
            daybook verify --store shop

            Checks checksums, hash chain, positions, seals, indexes, Merkle roots and the commit mark. \
            Reads only, needs no lock and no permission to write. Exit code 0: sound; 65: damaged, \
            with segment, byte range and positions of every place.

            With --stored everything is checked that shows whether a stored byte has changed; payloads are \
            not decompressed, batches not read, and the Merkle root is left out.
            """)

    @OptionGroup var store: StoreOptions
    @Flag(name: .long, help: "Check the bytes as stored; do not look into batches.")
    var stored = false
    @OptionGroup var global: GlobalOptions

    mutating func perform(_ output: Output) async throws -> Outcome {
        try store.requireStore()
        let storage = try FileStorage(path: store.layout.log, readOnly: true)
        let progress = output.progress("verify", unit: "segments")
        let report = try LogVerifier.verify(
            storage: storage, hash: .sha256, depth: stored ? .stored : .content
        ) { soFar in
            progress.setTotal(UInt64(soFar.totalSegmentCount))
            progress.advance(to: UInt64(soFar.segmentCount))
        }
        progress.finish()
        try Interruption.process.check()
        for finding in report.findings {
            guard finding.kind != .torn else {
                output.note("\(finding): never acknowledged; the next start clears it")
                continue
            }
            output.finding(code: "log_corrupt", finding.description, Record(finding))
        }
        // Derived files: worth knowing, no reason to distrust the log.
        for finding in report.indexes.damaged { output.note(finding.description) }
        if !report.indexes.missing.isEmpty {
            output.note(
                "\(report.indexes.missing.count) sealed segments have no tag index; the next "
                    + "writer makes them")
        }
        var outcome = Outcome.shown(VerifyCommand.record(report))
        if !report.isSound { outcome.failure = failure(report) }
        return outcome
    }

    private static func record(_ report: VerificationReport) -> Record {
        [
            "sound": .flag(report.isSound), "log_id": .of(report.logID),
            "head": .of(report.head?.position), "segments": .of(report.segmentCount),
            "frames": .of(report.frameCount), "batches": .of(report.batchCount),
            "events": .of(report.eventCount), "bytes": .of(report.byteCount),
            "chain": .of(report.head?.chain), "merkle_root": .of(report.merkleRoot),
            "indexes_sound": .of(report.indexes.soundCount),
            "indexes_missing": .of(report.indexes.missing.count),
            "indexes_damaged": .of(report.indexes.damaged.count),
        ]
    }

    private func failure(_ report: VerificationReport) -> Failure {
        let damaged = report.findings.filter { $0.kind != .torn }
        return Failure(
            .damaged, code: "log_corrupt",
            damaged.count == 1
                ? "the log is damaged in one place; nothing was changed"
                : "the log is damaged in \(damaged.count) places; nothing was changed",
            details: damaged.first.map(Record.init) ?? [:],
            wayOut: ["daybook repair --dry-run\(store.argument)"])
    }
}

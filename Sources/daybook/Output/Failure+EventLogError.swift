import DaybookCore
import DaybookLog

extension Failure {
    /// The log's errors, as reading commands meet them.
    init(_ error: EventLogError) {
        self.init(
            Failure.status(of: error.code), code: Failure.code(of: error.code), error.description,
            details: error.finding.map(Record.init) ?? Failure.details(of: error),
            wayOut: Failure.wayOut(of: error.code))
    }

    private static func status(of code: EventLogError.Code) -> ExitStatus {
        switch code {
        case .notFound, .notALog: .noStore
        case .locked: .storeLocked
        case .newerFormat: .storeUnreadable
        case .damaged: .damaged
        case .noSpace, .busy: .temporary
        case .idempotencyKeyReused: .conflict
        case .poisoned, .io, .fenced, .closed, .readOnly, .permission: .inputOutput
        case .alreadyExists, .tooLarge, .invalidQuery, .invalidBatch, .afterBeyondHead: .failed
        }
    }

    /// The words of DOMAIN 4.7 where it has one.
    private static func code(of code: EventLogError.Code) -> String {
        switch code {
        case .notFound, .notALog: "store_not_found"
        case .locked: "store_locked"
        case .newerFormat: "needs_newer_program"
        case .damaged: "log_corrupt"
        case .noSpace: "no_space"
        case .readOnly, .permission: "read_only"
        case .poisoned, .io, .fenced: "log_unavailable"
        default: code.rawValue
        }
    }

    private static func details(of error: EventLogError) -> Record {
        var details: Record = [:]
        if let file = error.file { details.append("file", .text(file)) }
        if let byteOffset = error.byteOffset { details.append("byte_offset", .of(byteOffset)) }
        if let positions = error.positions {
            details.append("first_position", .of(positions.lowerBound))
            details.append("last_position", .of(positions.upperBound))
        }
        return details
    }

    private static func wayOut(of code: EventLogError.Code) -> [String] {
        switch code {
        case .notFound, .notALog: ["daybook init --store DIR", "daybook demo"]
        case .damaged: ["daybook repair --dry-run"]
        default: ["daybook doctor"]
        }
    }
}

extension Record {
    /// Where the damage is: file, segment, byte range, positions.
    init(_ finding: DamageFinding) {
        self = [
            "kind": .text(finding.kind.rawValue.lowercased()), "file": .text(finding.file),
            "segment": finding.segment.map { .of($0) } ?? .none,
            "first_byte": .of(finding.byteRange.lowerBound),
            "end_byte": .of(finding.byteRange.upperBound),
            "expected_batch": finding.expectedBatch.map { .of($0) } ?? .none,
            "first_position": .of(finding.positions?.lowerBound),
            "last_position": .of(finding.positions?.upperBound),
            "evidence": .text(finding.evidence),
        ]
        guard let repair = finding.repair else { return }
        append(
            "repair",
            .text(repair.flippedBit == nil ? "bytes" : "single_bit"))
        append("byte_offset", .of(repair.byteRange.lowerBound))
        if let bit = repair.flippedBit?.bit { append("bit", .of(bit)) }
        append("proof", .text(repair.proof.rawValue))
    }
}

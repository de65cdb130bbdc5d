import DaybookSimulator
import Foundation

/// How long opening took.
struct RecoveryTimes {
    var shape: RecoveryTiming.Shape
    var measured: RecoveryTiming.Measured

    var isInTime: Bool {
        milliseconds(99, of: measured.microseconds) <= RecoveryTiming.limitMilliseconds
    }
}

/// What `daybook-simulate kill` prints.
struct KillReport {
    var totals: KillTotals
    var timings: [RecoveryTimes]
    var seed: UInt64
    var seconds: Double

    /// Whether nothing was lost. How long recovery takes is a figure, not a verdict: the machine is
    /// shared.
    func isOK(wantedCycles: Int) -> Bool {
        totals.violations.isEmpty && totals.cycleCount == wantedCycles
    }

    var text: String {
        var lines = [
            "\(totals.cycleCount) cycles in \(tenths(seconds)) s on \(totals.directoryCount) logs: "
                + "\(totals.killCount) killed (\(totals.killsAtStart) at start, "
                + "\(totals.killsInOpen) in open or recovery, \(totals.killsUnderLoad) under load; "
                + "\(totals.killsInRotation) left a rotation half done), "
                + "\(totals.terminationCount) terminated, the slowest in "
                + "\(tenths(Double(totals.slowestTerminationMicroseconds) / 1_000)) ms",
            "\(totals.acknowledgedCount) batches acknowledged, \(totals.survivorCount) survivors "
                + "seen that were not, \(totals.repeatedCount) keys sent again, "
                + "\(totals.conflictCount) conflicts, \(totals.tornCount) torn writes, "
                + "\(totals.rewrittenCount) recoveries wrote frames again",
            "recovery under load: \(times(totals.recoveryMicroseconds))",
        ]
        for timing in timings {
            lines.append(
                "recovery of 64 MiB, \(timing.shape), \(timing.measured.frameCount) frames: "
                    + times(timing.measured.microseconds) + ", processor "
                    + times(timing.measured.processorMicroseconds)
                    + (timing.isInTime
                        ? "" : ", goal \(RecoveryTiming.limitMilliseconds) ms missed"))
        }
        return (lines + totals.violations.prefix(20)).joined(separator: "\n")
    }

    /// One line for programs.
    func json(isOK: Bool) throws -> String {
        var fields: [String: Any] = [
            "bar": "4", "ok": isOK, "seed": seed, "cycles": totals.cycleCount,
            "kills": totals.killCount, "kills_at_start": totals.killsAtStart,
            "kills_in_open": totals.killsInOpen, "kills_under_load": totals.killsUnderLoad,
            "kills_in_rotation": totals.killsInRotation, "terminations": totals.terminationCount,
            "acknowledged": totals.acknowledgedCount, "survivors": totals.survivorCount,
            "keys_sent_again": totals.repeatedCount, "lost": totals.lostCount,
            "violations": totals.violations.count, "seconds": rounded(seconds),
            "recovery_p50_ms": rounded(milliseconds(50, of: totals.recoveryMicroseconds)),
            "recovery_p99_ms": rounded(milliseconds(99, of: totals.recoveryMicroseconds)),
        ]
        fields["recovery_64_mib_in_time"] = timings.allSatisfy(\.isInTime)
        for timing in timings {
            fields["recovery_64_mib_\(timing.shape)_p50_ms"] = rounded(
                milliseconds(50, of: timing.measured.microseconds))
            fields["recovery_64_mib_\(timing.shape)_p99_ms"] = rounded(
                milliseconds(99, of: timing.measured.microseconds))
            fields["recovery_64_mib_\(timing.shape)_processor_p50_ms"] = rounded(
                milliseconds(50, of: timing.measured.processorMicroseconds))
        }
        let data = try JSONSerialization.data(withJSONObject: fields, options: [.sortedKeys])
        return String(decoding: data, as: UTF8.self)
    }

    private func times(_ microseconds: [Int64]) -> String {
        "p50 \(tenths(milliseconds(50, of: microseconds))) ms, "
            + "p99 \(tenths(milliseconds(99, of: microseconds))) ms of \(microseconds.count)"
    }

    private func tenths(_ value: Double) -> String { String(format: "%.1f", value) }

    private func rounded(_ value: Double) -> Double { (value * 10).rounded() / 10 }
}

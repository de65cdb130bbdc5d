import DaybookCore
import DaybookEngine
import DaybookLog

/// What is done to an image before it is opened.
private enum Damage: CaseIterable {
    case bitFlip, zeroSector, staleSector, misplacedFrame, cut, missingSegment
    case headerOrSeal, oneMarkSlot, bothMarkSlots
}

extension LogWorld {
    /// Damages what a crash left and demands that acknowledged bytes are not missed silently, that the
    /// right place is named, and that what must be survived is survived.
    func damage(_ image: SimulatedDisk, _ promised: Lineage, _ chance: Chance) throws(Violation) {
        let reference = image.killed()
        let opened = try recover(reference, mayBeAbsent: false)
        let count = try judge(reference, opened, promised)
        note(opened.recovery, of: promised, count: count, on: reference)
        // After an I/O error the log goes on elsewhere; what stands in the old segment is another
        // test's business.
        guard !opened.recovery.continuedAfterFailure else { return }
        report.damagedImages += 1
        let log = try naive(reference)
        switch chance.pick(Damage.allCases) {
        case .bitFlip:
            try damageFrame(image, reference, log, promised, chance, .refusedBitFlip) {
                bytes, range in
                bytes[range.lowerBound + chance.below(range.count)] ^= 1 << UInt8(chance.below(8))
            }
        case .zeroSector:
            try damageFrame(image, reference, log, promised, chance, .refusedZeroSector) {
                bytes, range in
                for place in self.sector(in: range, chance) where place < bytes.count {
                    bytes[place] = 0
                }
            }
        case .staleSector:
            try damageFrame(image, reference, log, promised, chance, .refusedStaleSector) {
                bytes, range in
                let sector = self.sector(in: range, chance)
                let distance = SimulatedDisk.sectorByteCount * (1 + chance.below(4))
                for place in sector where place < bytes.count && place - distance >= 4096 {
                    bytes[place] = bytes[place - distance]
                }
            }
        case .misplacedFrame:
            try damageFrame(image, reference, log, promised, chance, .refusedMisplacedFrame) {
                bytes, range in
                // Of this segment or another one.
                let foreign = chance.pick(log.frames)
                let source = reference.bytes(LogFileName.segment(foreign.segment))
                for (place, byte) in zip(range, source[foreign.byteRange]) { bytes[place] = byte }
            }
        case .cut: try cut(image, chance)
        case .missingSegment: try removeSegment(image, chance)
        case .headerOrSeal: try damageHeaderOrSeal(image, chance)
        case .oneMarkSlot: try damageMark(image, promised, slots: [chance.below(2)], chance)
        case .bothMarkSlots: try damageMark(image, promised, slots: [0, 1], chance)
        }
    }

    private func sector(in range: Range<Int>, _ chance: Chance) -> Range<Int> {
        let size = SimulatedDisk.sectorByteCount
        let first = (range.lowerBound + chance.below(range.count)) / size * size
        return max(first, SegmentHeader.byteCount)..<(first + size)
    }

    // MARK: Frames

    /// Damages bytes of an acknowledged frame and demands the exact answer.
    private func damageFrame(
        _ image: SimulatedDisk, _ reference: SimulatedDisk, _ log: NaiveLog, _ promised: Lineage,
        _ chance: Chance, _ situation: LogSituation, _ body: (inout [UInt8], Range<Int>) -> Void
    ) throws(Violation) {
        let candidates = log.frames.filter { frame in
            frame.kind == 1 && frame.batches.upperBound <= UInt64(promised.acknowledged) + 1
        }
        guard !candidates.isEmpty else { return }
        let chosen = chance.pick(candidates)
        let name = LogFileName.segment(chosen.segment)
        let before = image.bytes(name)
        // Only where the crash left the frame as recovery kept it.
        guard before.count >= chosen.byteRange.upperBound,
            before[chosen.byteRange] == reference.bytes(name)[chosen.byteRange]
        else { return }
        image.damage(name) { body(&$0, chosen.byteRange) }
        let after = image.bytes(name)
        guard let first = before.firstDifference(from: after),
            let frame = candidates.first(where: {
                $0.segment == chosen.segment && $0.byteRange.contains(first)
            })
        else { return }
        if isActive(frame, in: image) {
            try expectRefusal(of: image, frame, before: before, log, promised, situation)
        } else {
            try expectFinding(in: image, frame, first, situation)
        }
    }

    private func isActive(_ frame: NaiveLog.Frame, in image: SimulatedDisk) -> Bool {
        let last = image.fileNames.compactMap(LogFileName.segmentNumber).max()
        let bytes = image.bytes(LogFileName.segment(frame.segment))
        return last == frame.segment
            && !bytes.suffix(SegmentTrailer.byteCount).starts(with: "DBKTRAIL".utf8)
    }

    private func expectRefusal(
        of image: SimulatedDisk, _ frame: NaiveLog.Frame, before: [UInt8], _ log: NaiveLog,
        _ promised: Lineage, _ situation: LogSituation
    ) throws(Violation) {
        let proven = try isProven(frame, in: image, before: before, log)
        if options.isMarked, !proven {
            throw Violation(
                .earlyAcknowledgement, "no durable mark vouches for an acknowledged frame")
        }
        let opened: OpenedLog
        do throws(EventLogError) {
            opened = try openLog(on: image)
        } catch {
            report.refusals += 1
            guard proven else {
                report.situations.note(.ambiguousLastGroup)
                return
            }
            report.situations.note(situation)
            guard error.code == .damaged, let finding = error.finding,
                finding.segment == frame.segment,
                finding.byteRange.lowerBound == UInt64(frame.byteRange.lowerBound),
                finding.expectedBatch == frame.batches.lowerBound
            else {
                throw Violation(
                    .wrongPlace,
                    "damage at \(frame.byteRange), batch \(frame.batches.lowerBound): \(error)")
            }
            return
        }
        guard !proven else {
            throw Violation(
                .silentDamage, "damage at \(frame.byteRange) of segment \(frame.segment) is missed")
        }
        // Two faults at once in the last group: it may pass for a torn write, but only whole.
        report.situations.note(.ambiguousLastGroup)
        guard opened.reader.head.batchNumber == frame.batches.lowerBound - 1 else {
            throw Violation(.silentDamage, "a damaged group is shown in part")
        }
    }

    /// Whether anything that is left proves that the frame was durable.
    private func isProven(
        _ frame: NaiveLog.Frame, in image: SimulatedDisk, before: [UInt8], _ log: NaiveLog
    ) throws(Violation) -> Bool {
        let start = UInt64(frame.byteRange.lowerBound)
        do throws(NaiveDefect) {
            if let mark = try MarkProbe(image).newest {
                if mark.segment > frame.segment { return true }
                if mark.segment == frame.segment, mark.durableOffset > start { return true }
            }
        } catch {
            throw Violation(.malformed, "\(error)")
        }
        let bytes = image.bytes(LogFileName.segment(frame.segment))
        return log.frames.contains { later in
            let header = later.byteRange.lowerBound..<(later.byteRange.lowerBound + 128)
            guard later.segment == frame.segment, later.byteRange.lowerBound > Int(start),
                bytes.count >= header.upperBound, bytes[header] == before[header]
            else { return false }
            return bytes.withUnsafeBytes { NaiveBytes(bytes: $0).u64(header.lowerBound + 112) }
                > start
        }
    }

    /// A sealed segment is not walked when the log is opened; reading it must notice, and `verify`.
    private func expectFinding(
        in image: SimulatedDisk, _ frame: NaiveLog.Frame, _ first: Int, _ situation: LogSituation
    ) throws(Violation) {
        let isNamed = try findings(in: image).contains {
            $0.segment == frame.segment && $0.kind == .corrupt
                && $0.byteRange.contains(UInt64(first))
        }
        guard isNamed else {
            throw Violation(.silentDamage, "verify misses byte \(first) of \(frame.segment)")
        }
        do throws(EventLogError) {
            let opened = try openLog(on: image)
            _ = try opened.reader.read(.all)
        } catch {
            guard error.code == .damaged else {
                throw Violation(.unexpected, "damage is reported as \(error)")
            }
            report.refusals += 1
            report.situations.note(.foundBySealedRead)
            report.situations.note(situation)
            return
        }
        // Reading checks what decoding depends on; the chain and local fields are for verify.
    }

    // MARK: Files

    private func cut(_ image: SimulatedDisk, _ chance: Chance) throws(Violation) {
        guard let name = image.fileNames.last(where: { LogFileName.segmentNumber(of: $0) != nil })
        else { return }
        image.damage(name) { bytes in bytes.removeLast(1 + chance.below(bytes.count - 1)) }
        try expectRefusal(of: image, "a cut file", .refusedCut)
    }

    private func removeSegment(_ image: SimulatedDisk, _ chance: Chance) throws(Violation) {
        let names = image.fileNames.filter { LogFileName.segmentNumber(of: $0) != nil }
        guard names.count > 1 else { return }
        image.remove(names[chance.below(names.count - 1)])
        try expectRefusal(of: image, "a missing segment", .refusedMissingSegment)
    }

    private func damageHeaderOrSeal(_ image: SimulatedDisk, _ chance: Chance) throws(Violation) {
        let names = image.fileNames.filter { LogFileName.segmentNumber(of: $0) != nil }
        let name = chance.pick(names)
        image.damage(name) { bytes in
            let isSealed = bytes.suffix(64).starts(with: "DBKTRAIL".utf8)
            // The fields are few among zeros that must be zero.
            let isField = chance.happens(1, in: 2)
            var place = chance.below(isField ? 448 : SegmentHeader.byteCount)
            if isSealed, chance.happens(1, in: 2) { place = bytes.count - 1 - chance.below(64) }
            bytes[place] ^= 1 << UInt8(chance.below(8))
        }
        try expectRefusal(of: image, "a damaged header or trailer", .refusedDamagedSeal)
    }

    private func expectRefusal(
        of image: SimulatedDisk, _ what: String, _ situation: LogSituation
    ) throws(Violation) {
        do throws(EventLogError) {
            _ = try openLog(on: image)
        } catch {
            guard [.damaged, .notALog, .newerFormat].contains(error.code) else {
                throw Violation(.unexpected, "\(what) is reported as \(error)")
            }
            report.refusals += 1
            report.situations.note(situation)
            return
        }
        throw Violation(.silentDamage, "\(what) is not noticed")
    }

    // MARK: The mark

    private func damageMark(
        _ image: SimulatedDisk, _ promised: Lineage, slots: [Int], _ chance: Chance
    ) throws(Violation) {
        let before: MarkProbe
        do throws(NaiveDefect) {
            before = try MarkProbe(image)
        } catch {
            throw Violation(.malformed, "\(error)")
        }
        // A poisoned mark that is lost is a second fault on top of the one it tells of.
        guard !before.isPoisoned else { return }
        let left = before.slots.indices.filter { !slots.contains($0) && before.slots[$0] != nil }
        image.damage(LogFileName.mark) { bytes in
            for slot in slots where bytes.count == 8192 {
                bytes[4096 * slot + chance.below(256)] ^= 1 << UInt8(chance.below(8))
            }
        }
        guard !left.isEmpty else {
            return try expectRefusal(of: image, "two damaged mark slots", .refusedBothMarkSlots)
        }
        let opened = try recover(image, mayBeAbsent: false)
        _ = try judge(image, opened, promised)
        report.situations.note(.survivedOneMarkSlot)
    }
}

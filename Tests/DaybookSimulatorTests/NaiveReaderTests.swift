import DaybookCore
import DaybookEngine
import DaybookLog
import DaybookSimulator
import Testing

@Suite struct `The oracle's memory` {
    @Test(arguments: 1...4 as ClosedRange<UInt64>)
    func
        `given images in any order, when one reader reads them all, then it says what a new one says`(
            seed: UInt64
        ) throws
    {
        let chance = Chance(seed: seed)
        let images = try grownLog(chance)
        let reader = NaiveReader()
        var defects: Set<String> = []
        var lengths: Set<Int> = []
        for turn in 0..<300 {
            let image = chance.pick(images).killed()
            if chance.happens(1, in: 2) { harm(image, chance) }
            let kept = Result { try reader.read(names: image.fileNames, content: image.bytes) }
            let anew = Result { try NaiveLog(names: image.fileNames, content: image.bytes) }
            switch (kept, anew) {
            case (.success(let kept), .success(let anew)):
                #expect(kept == anew, "seed \(seed), turn \(turn)")
                lengths.insert(kept.batches.count)
            case (.failure(let kept), .failure(let anew)):
                #expect("\(kept)" == "\(anew)", "seed \(seed), turn \(turn)")
                defects.insert("\(anew)")
            default: Issue.record("seed \(seed), turn \(turn): \(kept), anew \(anew)")
            }
        }
        #expect(defects.count > 20 && lengths.count > 5)
    }

    /// The disk of a log of several segments after each group.
    private func grownLog(_ chance: Chance) throws -> [SimulatedDisk] {
        let disk = SimulatedDisk()
        let clock = SimulatedClock()
        var options = LogWorldOptions()
        options.isCompressed = chance.happens(1, in: 2)
        let log = try LogDirectory.create(
            storage: disk, options: options.logOptions, hash: .sha256, clock: clock.read,
            newLogID: LogID(rawValue: 7), salt: .zero)
        var images = [disk.killed()]
        for number in 0..<24 {
            for _ in 0...chance.below(3) {
                let payload = (0..<chance.below(1_500)).map { _ in UInt8(chance.below(256)) }
                _ = try log.writer.stage(
                    ProposedBatch(
                        metadata: BatchMetadata(
                            recordedAt: clock.now, actor: .system, command: "Open"),
                        events: [
                            ProposedEvent(
                                type: "Opened", tags: [], payload: payload + [UInt8(number)])
                        ]))
            }
            _ = try log.committer.commit(#require(log.writer.closeGroup()))
            images.append(disk.killed())
        }
        #expect(disk.fileNames.filter { $0.hasSuffix(".seg") }.count >= 3)
        return images
    }

    /// One bit, some bytes of elsewhere, a cut, another length, or a missing file.
    private func harm(_ image: SimulatedDisk, _ chance: Chance) {
        let name = chance.pick(image.fileNames.filter { $0.hasSuffix(".seg") })
        guard chance.below(8) > 0 else { return image.remove(name) }
        image.damage(name) { bytes in
            let place = chance.below(bytes.count)
            switch chance.below(4) {
            case 0: bytes[place] ^= 1 << UInt8(chance.below(8))
            case 1:
                let from = chance.below(bytes.count)
                let count = min(128, bytes.count - max(place, from))
                for step in 0..<count { bytes[place + step] = bytes[from + step] }
            case 2: bytes.removeLast(1 + chance.below(bytes.count - 1))
            default: bytes.append(UInt8(chance.below(2)))
            }
        }
    }
}

package import DaybookLog

/// How one simulated log is laid out, and which faults its world knows: drawn once per seed (swarm
/// testing), so that each seed tries a few things hard instead of all things a little.
package struct LogWorldOptions: Hashable, Sendable, Codable {
    package var isMarked = false
    package var isCompressed = true
    /// Payload bytes of an event are at most so many.
    package var payloadLimit = 40
    /// Payloads compress to almost nothing, so that a group of several frames fits into a segment.
    package var isRepetitive = false
    /// The main line ends when so many payload bytes were sent: judging a crash point reads them all.
    package var byteLimit = 24 << 10
    package var groupLimit = 3
    package var eventLimit = 3
    /// How many steps the main line takes at most.
    package var stepLimit = 12
    /// How often each kind of step is taken; 0: never. The main line stops now and then, or at its
    /// limit.
    package var stopWeight = 1
    package var idleWeight = 1
    package var clockWeight = 1
    package var closeWeight = 1
    package var killWeight = 1
    package var powerCutWeight = 1
    package var faultWeight = 1
    package var hasSchema = false
    /// Crash points that are tried after each call that changes the disk.
    package var forksPerCall = 2
    /// One of so many crash points is crashed again while it recovers; 0: none.
    package var nestingRarity = 4
    /// One of so many crash points is damaged before it is opened; 0: none.
    package var damageRarity = 3

    package init() {}

    /// A random subset of everything.
    package init(chance: Chance) {
        isMarked = chance.happens(1, in: 2)
        isCompressed = chance.happens(1, in: 2)
        payloadLimit = chance.pick([40, 40, 400, 400, 3_000, 9_000])
        isRepetitive = payloadLimit == 9_000 && isCompressed && chance.happens(1, in: 2)
        groupLimit = isRepetitive ? 10 : chance.pick([1, 1, 3, 12])
        eventLimit = isRepetitive ? 2 : chance.pick([1, 3, 9])
        byteLimit = isRepetitive ? 160 << 10 : 24 << 10
        stepLimit = 4 + chance.below(24)
        func weight() -> Int { chance.pick([0, 1, 2]) }
        idleWeight = weight()
        clockWeight = weight()
        closeWeight = weight()
        killWeight = weight()
        powerCutWeight = weight()
        faultWeight = chance.pick([0, 1, 4])
        hasSchema = chance.happens(1, in: 4)
        forksPerCall = 1 + chance.below(3)
        nestingRarity = chance.pick([0, 6, 12])
        damageRarity = chance.pick([0, 2, 5])
    }

    /// A random subset of a small world, so that a debug build is done with it in a second and a known
    /// mistake shows within a few: either a long main line on which nothing is forked, or a short one
    /// with crashes everywhere.
    package init(smallFrom chance: Chance, isForked: Bool) {
        isMarked = chance.happens(1, in: 2)
        isCompressed = chance.happens(1, in: 2)
        isRepetitive = isForked && chance.happens(1, in: 6)
        if isRepetitive {
            // Several frames of one group: each takes up to 64 KiB before it is compressed.
            isCompressed = true
            payloadLimit = 60_000
            groupLimit = 8
            eventLimit = 1
            byteLimit = 300 << 10
        } else {
            payloadLimit = chance.pick(isForked ? [400, 3_000, 3_000] : [40, 400, 3_000])
            groupLimit = chance.pick([1, 3])
            byteLimit = payloadLimit == 3_000 ? 20 << 10 : 10 << 10
            eventLimit = chance.pick([1, 3])
        }
        stepLimit = isRepetitive ? 3 : isForked ? 4 + chance.below(5) : 30
        func weight() -> Int { chance.pick([0, 1, 3]) }
        idleWeight = weight()
        clockWeight = weight()
        closeWeight = weight()
        killWeight = weight()
        powerCutWeight = weight()
        faultWeight = isForked ? chance.pick([0, 0, 2]) : chance.pick([4, 12])
        hasSchema = chance.happens(1, in: 4)
        forksPerCall = isForked ? 1 : 0
        nestingRarity = chance.pick([0, 8])
        damageRarity = chance.pick([0, 2, 4])
    }

    package var logOptions: EventLogOptions {
        var options = EventLogOptions()
        options.firstSegmentByteCount = 16 << 10
        options.segmentByteCount = 16 << 10
        options.codec = isCompressed ? .lz4 : .none
        options.durability = isMarked ? .marked : .lazy
        if hasSchema { options.schema = Array("what the payloads mean".utf8) }
        return options
    }
}

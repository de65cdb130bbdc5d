import DaybookDecisions
import DaybookGateways
import DaybookLog

/// What one simulated store is like, and what its world does to it: drawn once per run, so that each
/// run tries a few things hard instead of all things a little.
struct StorePlan: Hashable, Sendable {
    /// Processes that follow one another; the last one heals everything.
    var lifeCount = 1
    var clientCount = 1
    /// Requests of all clients and lives together.
    var requestCount = 12
    var userCount = 2
    var productCount = 2
    var isMarked = false
    /// A process ends by crashing rather than by closing, in so many of four lives.
    var crashWeight = 0
    /// Of four crashes, how many are power cuts.
    var powerCutWeight = 0
    /// A crash comes after at most so many steps.
    var fuseLimit = 200
    /// The disk fails a call now and then; 0: never.
    var diskFaultRarity = 0
    var isSmallDisk = false
    /// Read models and snapshots are deleted, damaged or exchanged between two lives; 0: never.
    var loss = 0
    var bank = BankWeights(yes: 1)
    /// The bank or the post office is away for a while.
    var hasOutages = false
    var takesWrongAmounts = false
    var repeatWeight = 0
    var clockWeight = 0
    var needsVerifiedEmail = true
    var startsProcessing = true
    var eventsPerSnapshot: UInt64 = 1_000
    var eventsPerRunningSnapshot: UInt64 = 1_000

    init() {}

    init(chance: Chance) {
        lifeCount = 1 + chance.pick([(0, 1), (1, 2), (2, 3), (3, 3), (4, 2)])
        clientCount = 1 + chance.below(8)
        requestCount = 12 + chance.below(70)
        userCount = 1 + chance.below(4)
        productCount = 1 + chance.below(3)
        isMarked = chance.happens(1, in: 3)
        crashWeight = chance.pick([0, 2, 3, 4])
        powerCutWeight = chance.below(5)
        fuseLimit = chance.pick([120, 40, 300])
        diskFaultRarity = chance.pick([0, 0, 40, 400])
        isSmallDisk = chance.happens(1, in: 10)
        loss = chance.below(3)
        bank = BankWeights(
            yes: 4, decline: UInt32(chance.below(3)), unknown: UInt32(chance.below(3)),
            late: UInt32(chance.below(3)), lateDecline: 2 * UInt32(chance.below(2)),
            twice: UInt32(chance.below(3)))
        hasOutages = chance.happens(1, in: 3)
        takesWrongAmounts = chance.happens(1, in: 8)
        repeatWeight = chance.below(4)
        clockWeight = chance.below(4)
        needsVerifiedEmail = chance.happens(1, in: 2)
        startsProcessing = !chance.happens(1, in: 4)
        eventsPerSnapshot = chance.pick([1, 20, 1_000])
        eventsPerRunningSnapshot = chance.pick([1, 15, 1_000])
    }

    /// Where snapshots are frequent, keys are put away by each of them.
    var keysPerRun: Int { 1 + Int(eventsPerRunningSnapshot / 16) }

    var logOptions: EventLogOptions {
        var options = EventLogOptions()
        options.firstSegmentByteCount = 16 << 10
        options.segmentByteCount = 16 << 10
        options.durability = isMarked ? .marked : .lazy
        return options
    }

    var settings: ShopSettings {
        ShopSettings(
            paymentDeadline: 3_600, requireVerifiedEmail: needsVerifiedEmail,
            startProcessingWhenPaid: startsProcessing)
    }
}

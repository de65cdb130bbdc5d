/// A promise of the store that was not kept.
package struct StoreViolation: Error, Hashable, Sendable, CustomStringConvertible {
    /// LOG.md section 3, DOMAIN.md section 5, or the simulator's own needs.
    package enum Promise: String, CaseIterable, Hashable, Sendable {
        case acknowledgedIsKept = "P1: what was acknowledged is in the log for ever"
        case durableFirst = "P2: nothing is told or asked before it is durable"
        case decidedOnce = "P3: one key has one effect and one answer"
        case opens = "R: a store whose process ended in any way opens again"
        case damageIsTold = "D: a log that lost something is refused"
        case chargedOnce = "P6: one intent has one key at the bank, known to the log"
        case moneyAgrees = "P-13: the log and the bank name the same sums"
        case mailedAtLeastOnce = "P6: every mail is sent, under one id and with one text"
        case readModelsAgree = "P7: a read model equals a rebuild"
        case stateAgrees = "the state in memory is what the log gives"
        case rulesHold = "DOMAIN 5: no order, stock or sum in an impossible state"
        case secretsStaySecret = "P-20b: no personal value in log or snapshot"
        case worksEnd = "liveness: without faults all pending work ends"
        case wellFormed = "the log reads by the letter of FORMAT.md"
        case simulation = "the simulation itself"
    }

    package var promise: Promise
    package var details: String

    init(_ promise: Promise, _ details: String) {
        self.promise = promise
        self.details = details
    }

    package var description: String { "\(promise.rawValue): \(details)" }
}

/// A run in which a promise was not kept, with what repeats it.
package struct StoreFailure: Error, CustomStringConvertible {
    package var violation: StoreViolation
    /// All that `Chance(replaying:)` needs.
    package var choices: [UInt32]
    /// In which process, counted from 0, and after how many steps.
    package var life: Int
    package var step: Int

    package var description: String { "life \(life), step \(step): \(violation)" }
}

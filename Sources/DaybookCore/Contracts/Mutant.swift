/// A small mistake in a rule that a debug build can be told to make, so that the properties of orders prove
/// that they would find it.
///
/// The sibling of ``PlantedBug``: those are mistakes against disks, crashes and banks, which the simulator
/// hunts; these are wrong rules, which a property kills with a small counterexample. Release builds do
/// not contain them. Only `daybook-simulate properties --mutants` plants one.
@usableFromInline
package enum Mutant: String, CaseIterable, Sendable {
    // Placing
    /// One unit more than there is can be ordered.
    case shortageOffByOne
    /// Each line is looked at by itself; two lines of one product may exceed the stock.
    case demandNotSummed
    /// What lies elsewhere is reserved at the main location.
    case reservedAtMainOnly
    /// Two lines of one product are reserved from the same units.
    case unitsTakenTwice
    /// A product that was taken off sale can be ordered.
    case discontinuedStillSold
    /// The total is that of the last line.
    case totalOfLastLine
    /// The payable amount leaves the tax out.
    case taxNotPayable
    /// Tax is always rounded down.
    case taxRoundedDown
    /// Halves are always rounded up, though the rule says to the even neighbour.
    case halfEvenRoundedUp
    /// An order expires a minute after its deadline is announced to be.
    case deadlineMinuteLate
    /// Order numbers begin again once no order is open.
    case orderNumberReused

    // Stock
    /// A count may go below what is promised to orders.
    case adjustedBelowReserved
    /// Cancelling does not release the stock.
    case stockKeptAfterCancel
    /// Expiring does not release the stock.
    case stockKeptAfterExpiry
    /// Cancelling releases the first line only.
    case firstLineReleasedOnly
    /// Parcels leave reserved what they take.
    case shippedStaysReserved
    /// Released stock counts as lost.
    case releaseLosesStock
    /// One unit more than is left can be sent.
    case overShipmentByOne
    /// A location sends what is kept at another.
    case shippedFromElsewhere
    /// Announced returns do not count against new ones.
    case returnAnnouncedTwice
    /// A return can come in twice.
    case returnReceivedTwice
    /// Damaged units go back on sale.
    case damagedRestocked

    // The way of an order
    /// Goods are sent before they are paid.
    case shippedUnpaid
    /// A shipped order can be cancelled.
    case cancelledAfterShipping
    /// An order expires while its payment is on the way.
    case expiredWithMoneyInFlight
    /// An order expires before its deadline.
    case expiredTooEarly
    /// An order is due a second after its deadline only.
    case dueOneSecondLate

    // Money
    /// A capture is asked for while another is on the way.
    case capturedTwiceAtOnce
    /// More than was authorised can be captured.
    case capturedBeyondAuthorised
    /// More than came can be given back.
    case refundUncapped
    /// Refunds that are on the way do not count.
    case pendingRefundForgotten
    /// A refund that went through is recorded again when it is told again.
    case refundSettledTwice
    /// Money of any amount pays an order.
    case anyAmountAccepted
    /// Money that is here is recorded again when it is told again.
    case moneyRecordedTwice
    /// A time-out is taken for a no.
    case timeoutTakenAsDecline
    /// A no that comes after the money undoes it.
    case declinedAfterCapture
    /// Late money goes back in the amount that was asked for, not in the one that came.
    case lateRefundOfExpected
    /// What the bank said before its name for the payment was known is never acted upon.
    case earlyMessageForgotten

    // People
    /// An address can be registered by anybody, any time.
    case addressClaimedTwice
    /// An address in capitals is another one.
    case addressCaseMatters
    /// A domain in Unicode and its form in ASCII are two.
    case domainNotEncoded
    /// Composed and decomposed letters are two.
    case addressNotComposed
    /// A claim lapses after a day.
    case claimLapsesEarly
    /// A link can be used again.
    case tokenReusable
    /// A link does not work in its last instant.
    case tokenExpiryExclusive
    /// A link works for a day longer.
    case tokenOutlivesExpiry
    /// A link from before a deactivation works after it.
    case voidedLinkRedeems

    // Policies
    /// Somebody is told about imported history.
    case importedOrderConfirmed
    /// An order is confirmed with its first part of the money.
    case confirmedBeforePaid
    /// The owner of an address is told each time that somebody tries to register it.
    case ownerToldEachTime
    /// A mail that was sent is recorded as sent again.
    case mailSentTwice
    /// An order that costs nothing is never processed.
    case freeOrderNotProcessed

    // States
    /// A snapshot forgets what was released.
    case snapshotForgetsReleases
    /// A snapshot forgets that a person must look.
    case snapshotForgetsHold
    /// A snapshot forgets which links are void.
    case snapshotForgetsVoid

    // Keys
    /// A key is never looked up.
    case keyIgnored
    /// A key counts for every actor.
    case keySharedByActors
    /// A key counts for every command.
    case keySharedByCommands
    /// A key is answered whatever is asked with it.
    case otherRequestAnswered

    // Upcasters
    /// Lifting stops after one step.
    case liftedOneStep
    /// A lifted event keeps its former name.
    case formerNameKept
    /// A lifted event keeps its former payload.
    case formerPayloadKept

    // Projectors
    /// An expired order stays open.
    case expiryNotProjected
    /// A declined charge stays in flight.
    case declineNotProjected
    /// Money that came late is not counted.
    case lateMoneyNotProjected
    /// Each line counts as an order of its own.
    case linesCountedAsOrders
    /// Damaged units are not counted.
    case damageNotProjected
    /// Released stock stays reserved.
    case releaseNotProjected
    /// A new price is not shown.
    case priceNotProjected
    /// Figures are replaced instead of added to.
    case stockReplaced
    /// The last batch is applied again when it comes again.
    case lastBatchTwice
    /// A void link stays good.
    case voidNotProjected
    /// A mail that may be tried again counts as failed.
    case retryProjectedAsFailure

    #if DAYBOOK_PLANTED_BUGS
        // Unsafe: set by the one thread that runs properties, before each run.
        nonisolated(unsafe) private static var planted: Mutant?

        /// Whether this build contains the mistakes.
        package static let isCompiledIn = true

        /// Makes the process make this mistake from now on; `nil`: none.
        package static func plant(_ mutant: Mutant?) { planted = mutant }

        /// Whether the code is to make this mistake.
        package var isPlanted: Bool { Mutant.planted == self }
    #else
        package static let isCompiledIn = false

        package static func plant(_ mutant: Mutant?) {
            precondition(mutant == nil, "Mutant: a release build makes no mistake on purpose")
        }

        @inlinable @inline(__always)
        package var isPlanted: Bool { false }
    #endif
}

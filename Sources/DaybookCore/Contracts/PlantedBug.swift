/// A known mistake that a debug build can be told to make, so that the simulator proves that it would
/// find it.
///
/// Release builds do not contain the mistakes: there `isPlanted` is the constant `false`, and the
/// branch that makes the mistake is not compiled in. Only `daybook-simulate bugs` plants one.
package enum PlantedBug: String, CaseIterable, Sendable {
    case acknowledgeBeforeSync

    // Of the engine.
    case answerBeforeDurable
    case callBeforeDurable
    case checkpointApartFromRows
    case readModelAheadIgnored
    case foreignReadModelTrusted
    case newGatewayKeyOnRetry
    case unknownTakenAsDeclined
    case snapshotOfUnwrittenState
    case keysNotFolded
    case mailsNotInSnapshot
    case stockKeptAfterDecline
    case latePaymentIgnored
    case messageTakenTwice
    case transactionLeaksState
    case addressInTheClear
    case mailIDPerAttempt

    #if DAYBOOK_PLANTED_BUGS
        // Unsafe: set once, before the process starts any other thread.
        nonisolated(unsafe) private static var planted: PlantedBug?

        /// Makes the process make this mistake from now on; `nil`: none.
        package static func plant(_ bug: PlantedBug?) { planted = bug }

        /// Whether the code is to make this mistake.
        package var isPlanted: Bool { PlantedBug.planted == self }
    #else
        package static func plant(_ bug: PlantedBug?) {
            precondition(bug == nil, "PlantedBug: a release build makes no mistake on purpose")
        }

        @inline(__always)
        package var isPlanted: Bool { false }
    #endif
}

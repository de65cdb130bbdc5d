/// A known mistake that a debug build can be told to make, so that the simulator proves that it would
/// find it.
///
/// Release builds do not contain the mistakes: there `isPlanted` is the constant `false`, and the
/// branch that makes the mistake is not compiled in. Only `daybook-simulate bugs` plants one, and
/// the environment variable `DAYBOOK_PLANTED_BUG` in a debug build of `daybook`.
@usableFromInline
package enum PlantedBug: String, CaseIterable, Sendable {
    // Writing a group
    /// A group is acknowledged once it is written, without a sync.
    case acknowledgeBeforeSync
    /// Readers are shown a group that is written and not synced yet.
    case publishBeforeSync
    /// The mark vouches for a group before the group is written.
    case markBeforeData
    /// With marked durability, the mark is not synced before the acknowledgement.
    case markNotSynced
    /// A sync that failed is tried again, and its success believed.
    case retryFailedSync
    /// The writer goes on after a failed write or sync.
    case noPoisonAfterFailedWrite
    /// What a short write left out is never written.
    case shortWriteIgnored
    /// A full disk ends the writer instead of refusing one group.
    case fullDiskPoisons
    /// A writer that met a full disk never looks again whether there is space.
    case spaceNeverAskedForAgain

    // Frames
    /// A frame's time is the wall clock's, even when that went back.
    case timeGoesBack
    /// The padding of frames holds something.
    case paddingNotZero
    /// Each frame calls those before it durable, also those that are written with it.
    case groupCalledDurable
    /// Batches in compressed frames do not get into the Merkle tree.
    case compressedLeafSkipped
    /// Entries of the sparse index point one position too far.
    case indexEntryMisplaced
    /// The first position after a restart is the one of the last event before it.
    case positionReusedAfterReopen

    // Rotation and the mark
    /// The next segment's name is not made durable before it is written to.
    case noDirectorySyncAfterRename
    /// The mark's name may become durable after the first segment's.
    case noDirectorySyncAtCreate
    /// A segment gets its name before its header is synced.
    case renameBeforeHeaderSync
    /// The length of a new segment is not synced.
    case spareNotSynced
    /// The first frame of a segment does not continue the chain of the one before.
    case chainNotContinued
    /// Segments do not name the seal of the one before.
    case sealsNotLinked
    /// A seal and the cut behind it are not synced.
    case sealNotSynced
    /// A segment is cut before its seal is synced.
    case cutBeforeSealSync
    /// A segment is made read-only before it is sealed and cut.
    case readOnlyBeforeCut
    /// Every mark goes over the one before, in the same slot.
    case oneMarkSlot
    /// A log is called closed before the mark that says so is synced.
    case cleanMarkNotSynced

    // Recovery: what is refused
    /// Whatever follows the first bad frame is cut off as if nobody had been told of it.
    case cutAtFirstBadFrame
    /// The mark proves nothing.
    case markIgnored
    /// Frames behind a bad one prove nothing.
    case tailFramesIgnored
    /// A file that is too short passes.
    case shortFileIgnored
    /// The checksum of a segment's header is not looked at.
    case headerChecksumIgnored
    /// A read that fails is taken for the end of the log.
    case readErrorIsEnd
    /// What looks wrong is not read a second time.
    case wrongReadBelieved
    /// A finding names the batch after the first damaged one.
    case findingNamesNextBatch

    // Recovery: what is written
    /// Frames behind the mark are shown without being written again.
    case promoteWithoutRewrite
    /// Frames behind the mark are written again without a sync.
    case promotedNotSynced
    /// Frames behind the mark are written again from a read that nobody checked.
    case rewriteUnchecked
    /// The rest of a torn write stays where it is.
    case residueNotCleared
    /// A sealed last segment is taken as durable because it can be read.
    case settleSealSkipped
    /// A writer takes over the epoch of the one before.
    case epochNotRaised

    // Of the engine.
    case answerBeforeDurable
    case callBeforeDurable
    case checkpointApartFromRows
    case readModelAheadIgnored
    case foreignReadModelTrusted
    case newGatewayKeyOnRetry
    case unknownTakenAsDeclined
    case snapshotOfUnwrittenState
    /// A snapshot is written beside its group, before that is durable.
    case snapshotBeforeDurable
    /// A snapshot of the running store holds what was staged behind its position.
    case snapshotAheadOfLog
    case keysNotFolded
    /// Keys that were put away are not looked for.
    case keyRunsNotSearched
    case mailsNotInSnapshot
    case stockKeptAfterDecline
    case latePaymentIgnored
    case messageTakenTwice
    case transactionLeaksState
    case addressInTheClear
    case mailIDPerAttempt

    // Of projectors: `daybook projection compare` must name the event at which they begin to matter.
    /// A refund is not counted where it was paid.
    case refundNotAdded
    /// The second and later lines of a parcel are not counted.
    case parcelOfOneLine
    /// A delisted product stays on sale.
    case discontinuedStaysOnSale

    /// Whether the simulator cannot find it, because only read models are wrong.
    package var isOfProjectors: Bool {
        switch self {
        case .refundNotAdded, .parcelOfOneLine, .discontinuedStaysOnSale: true
        default: false
        }
    }

    #if DAYBOOK_PLANTED_BUGS
        // Unsafe: set once, before the process starts any other thread.
        nonisolated(unsafe) private static var planted: PlantedBug?

        /// Whether this build contains the mistakes.
        package static let isCompiledIn = true

        /// Makes the process make this mistake from now on; `nil`: none.
        package static func plant(_ bug: PlantedBug?) { planted = bug }

        /// Whether the code is to make this mistake.
        package var isPlanted: Bool { PlantedBug.planted == self }
    #else
        package static let isCompiledIn = false

        package static func plant(_ bug: PlantedBug?) {
            precondition(bug == nil, "PlantedBug: a release build makes no mistake on purpose")
        }

        @inlinable @inline(__always)
        package var isPlanted: Bool { false }
    #endif
}

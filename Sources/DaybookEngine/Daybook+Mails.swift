import DaybookCore
import DaybookDecisions
import DaybookGateways
import DaybookLog
import Synchronization

extension Daybook {
    /// Mails never keep a command waiting.
    ///
    /// - Returns: whether the intent is a mail.
    func queue(mail intent: PendingIntent) -> Bool {
        guard intent.isMail else { return false }
        if configuration.reactors == .automatic {
            mailQueue.add(intent) { [self] mails in _ = try? await sendMails(mails) }
        }
        return true
    }

    /// Writes and sends mails, one after another, and records what came of them as one bulk; with a slow sender
    /// as one for every ``MailQueue/slowBatchCount`` of them.
    ///
    /// - Returns: how many were sent, and how many were not.
    func sendMails(
        _ intents: [PendingIntent]
    ) async throws(DaybookError) -> (sent: Int, failed: Int) {
        let mails = intents.compactMap { intent -> (request: MailRequested, at: LogPosition)? in
            guard case .mail(let mail) = intent.kind else { return nil }
            return (mail, intent.position)
        }
        try await recordMails([])
        let recipients = await writer.inspect { core in
            mails.map { mail in
                (
                    isPending: core.shop.isPending(mail: mail.request.mailID),
                    registration: core.shop.registration(of: mail.request.userID)
                )
            }
        }
        guard let recipients else { throw .closed }
        var outcomes: [PreparedRequest] = []
        var (triedCount, sentCount) = (0, 0)
        var begin = configuration.clock()
        for (mail, (isPending, registration)) in zip(mails, recipients) where isPending {
            let outcome = await mailReactor.perform(
                mail.request, requestedAt: mail.at, registration: registration)
            if case .sent = outcome { sentCount += 1 }
            triedCount += 1
            let now = configuration.clock()
            outcomes.append(
                prepared(
                    .recordMailOutcome(
                        RecordMailOutcome(mail: mail.request.mailID, outcome: outcome)),
                    as: .system, at: now, mail.at))
            guard outcomes.count >= MailQueue.slowBatchCount,
                now.microseconds - begin.microseconds > MailQueue.slowBatchTime
            else { continue }
            try await recordMails(outcomes)
            outcomes = []
            begin = configuration.clock()
        }
        try await recordMails(outcomes)
        return (sentCount, triedCount - sentCount)
    }

    /// Records what came of mails, those first that could not be recorded before: without space, the same
    /// mails must not be sent again and again.
    ///
    /// However many they are, they wait for no bulk: there is one record at a time.
    private func recordMails(_ outcomes: [PreparedRequest]) async throws(DaybookError) {
        let all = unrecordedMails.withLock { unrecorded in
            defer { unrecorded = [] }
            return unrecorded + outcomes
        }
        var failure: DaybookError?
        for (outcome, answer) in zip(all, await submit(all, in: .express)) {
            guard case .failure(let error) = answer else { continue }
            failure = failure ?? error
            unrecordedMails.withLock { $0.append(outcome) }
        }
        if let failure { throw failure }
    }
}

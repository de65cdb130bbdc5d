import DaybookCore
import Synchronization
import Testing

@testable import DaybookDecisions
@testable import DaybookEngine

/// Mails that wait: their order, and who waits for them.
@Suite struct MailQueueTests {
    private func mail(_ number: Int) -> PendingIntent {
        PendingIntent(
            position: LogPosition(rawValue: UInt64(number)),
            kind: .mail(
                MailRequested(
                    mailID: MailID(rawValue: UInt128(number)), template: .orderConfirmed,
                    userID: UserID(rawValue: 1), orderID: nil, verificationID: nil)),
            isUnknown: false)
    }

    @Test
    func `given mails that come faster than they are sent, then each is sent once and in order`()
        async
    {
        let queue = MailQueue(executor: nil)
        let sent = Mutex<[UInt64]>([])
        let largest = Mutex(0)
        for number in 1...5_000 {
            queue.add(mail(number)) { mails in
                largest.withLock { $0 = max($0, mails.count) }
                sent.withLock { $0 += mails.map(\.position.rawValue) }
                await Task.yield()
            }
        }
        await queue.drain()
        #expect(sent.withLock { $0 } == Array(1...5_000))
        #expect(largest.withLock { $0 } <= MailQueue.batchCount)
        // What comes when all is done starts the worker again.
        queue.add(mail(5_001)) { mails in
            sent.withLock { $0 += mails.map(\.position.rawValue) }
        }
        await queue.drain()
        #expect(sent.withLock { $0.last } == 5_001)
    }
}

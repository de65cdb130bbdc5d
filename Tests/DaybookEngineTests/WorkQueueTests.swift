import Dispatch
import Foundation
import Synchronization
import Testing

@testable import DaybookEngine

@Suite(.timeLimit(.minutes(5))) struct `Work queue` {
    /// A rest that only `body` ends, or nobody: then the suite's limit does.
    private func endOfRest(of queue: WorkQueue<Int>, _ body: () -> Void) async {
        let ended = DispatchSemaphore(value: 0)
        Thread.detachNewThread {
            queue.rest(for: .seconds(3_600))
            ended.signal()
        }
        body()
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                ended.wait()
                continuation.resume()
            }
        }
    }

    @Test func `given a receiver that rests, when somebody is in a hurry, then the rest ends`()
        async
    {
        let queue = WorkQueue<Int>(capacity: 4)
        await endOfRest(of: queue) {
            #expect(queue.send(1) == .sent)
            queue.hurry()
        }
        #expect(queue.takeAll() == [1])
    }

    @Test func `given a receiver that rests, when the queue is closed, then the rest ends`() async {
        let queue = WorkQueue<Int>(capacity: 4)
        await endOfRest(of: queue) { queue.close() }
        #expect(queue.takeAll() == nil)
    }

    /// The receiver is at work when somebody begins to wait; what it has taken may be too old for them.
    @Test func `given somebody in a hurry while nothing waits, then the next rest is left out`()
        async
    {
        let queue = WorkQueue<Int>(capacity: 4)
        queue.hurry()
        #expect(queue.takeAll() == [])
        await endOfRest(of: queue) {}
        #expect(queue.send(1) == .sent)
        #expect(queue.receiveAll() == [1])
    }

    @Test func `given something express, then it comes first, and may be taken alone`() {
        let queue = WorkQueue<Int>(capacity: 4)
        #expect(queue.send(1) == .sent)
        #expect(queue.send(2, isExpress: true) == .sent)
        #expect(queue.send(3, isExpress: true) == .sent)
        #expect(queue.takeExpress() == [2, 3])
        #expect(queue.takeExpress() == [])
        #expect(queue.send(4, isExpress: true) == .sent)
        #expect(queue.send(5) == .sent)
        #expect(queue.send(6, isExpress: true) == .sent)
        // Both lanes count.
        #expect(queue.send(7, isExpress: true) == .full)
        queue.close()
        #expect(queue.takeExpress() == [4, 6])
        #expect(queue.takeExpress() == [])
        #expect(queue.takeAll() == [1, 5])
        #expect(queue.takeAll() == nil)
    }

    @Test func `given both lanes, when all is taken, then what is express comes first`() {
        let queue = WorkQueue<Int>(capacity: 4)
        #expect(queue.send(1) == .sent)
        #expect(queue.send(2, isExpress: true) == .sent)
        #expect(queue.takeAll() == [2, 1])
    }

    @Test func `given more than its capacity, when sent, then refused, except news from within`() {
        let queue = WorkQueue<Int>(capacity: 1)
        #expect(queue.send(1) == .sent)
        #expect(queue.send(2) == .full)
        #expect(queue.send(3, evenIfFull: true) == .sent)
        queue.close()
        #expect(queue.send(4) == .closed)
        #expect(queue.takeAll() == [1, 3])
        #expect(queue.takeAll() == nil)
    }
}

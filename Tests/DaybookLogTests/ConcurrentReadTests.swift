import DaybookCore
import DaybookLog
import Dispatch
import Synchronization
import Testing

@Suite struct `Reading from several threads` {
    @Test
    func
        `given a log of several segments, when threads ask for chains, batches and tags at once, then each gets its own answer`()
        throws
    {
        let directory = try TemporaryDirectory()
        let log = try LogDirectory.create(
            storage: try FileStorage(path: directory.path), options: smallOptions(), hash: .sha256,
            clock: TestClock().read, newLogID: testLogID, salt: testSalt)
        for number in 1...200 {
            try log.append(batch(event(order: UInt128(number))))
        }
        let reader = log.reader
        let expected = try (1...200 as ClosedRange<UInt64>).map {
            try reader.chain(at: position($0))
        }
        try log.committer.close()
        let reopened = try LogDirectory.open(
            storage: try FileStorage(path: directory.path), options: smallOptions(), hash: .sha256,
            clock: TestClock().read)
        let failures = Mutex<[String]>([])
        DispatchQueue.concurrentPerform(iterations: 8) { thread in
            for step in 0..<400 {
                let number = UInt64((step * 37 + thread * 91) % 200 + 1)
                do {
                    let chain = try reopened.reader.chain(at: position(number))
                    let batch = try reopened.reader.batch(containing: position(number))
                    let tagged = try reopened.reader.read(
                        .tag(OrderID(rawValue: UInt128(number)).tag))
                    guard chain == expected[Int(number) - 1], batch?.number == number,
                        tagged.map(\.position) == [position(number)]
                    else {
                        failures.withLock { $0.append("position \(number)") }
                        continue
                    }
                } catch {
                    failures.withLock { $0.append("\(error)") }
                }
            }
        }
        #expect(failures.withLock { $0 } == [])
        try reopened.committer.close()
    }
}

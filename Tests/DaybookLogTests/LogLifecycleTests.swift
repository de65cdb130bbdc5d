import DaybookCore
import DaybookLog
import Testing

@Suite struct `Log lifecycle` {
    @Test
    func
        `given a new log on a real directory, when a batch is committed and the log reopened, then the batch is read back`()
        throws
    {
        let directory = try TemporaryDirectory()
        let clock = TestClock()
        do {
            let log = try LogDirectory.create(
                storage: try FileStorage(path: directory.path), hash: .sha256, clock: clock.read,
                newLogID: testLogID, salt: testSalt)
            #expect(try log.writer.stage(batch(event())) == .appended(position(1)...position(1)))
            #expect(
                try log.writer.stage(batch(event(), event("PaymentRequested")))
                    == .appended(position(2)...position(3)))
            #expect(log.reader.head.position == .start)
            let group = try #require(log.writer.closeGroup())
            let head = try log.committer.commit(group)
            #expect(head.position == position(3))
            #expect(head.batchNumber == 2)
            #expect(log.reader.head == head)
            try log.committer.close()
        }
        let log = try LogDirectory.open(
            storage: try FileStorage(path: directory.path), hash: .sha256, clock: clock.read)
        #expect(log.recovery.wasClean)
        #expect(log.recovery.writerEpoch == 2)
        #expect(log.reader.head.position == position(3))
        let second = try #require(try log.reader.batch(containing: position(3)))
        #expect(second.number == 2)
        #expect(second.metadata == metadata())
        #expect(second.events.map(\.type) == ["OrderPlaced", "PaymentRequested"])
        #expect(second.events[1].payload == Array("two books".utf8))
        #expect(second.events[1].tags == event().tags)
        #expect(try log.append(batch(event())) == .appended(position(4)...position(4)))
        #expect(
            try log.reader.read(.tag(OrderID(rawValue: 1).tag)).map(\.position)
                == [position(1), position(2), position(3), position(4)])
        try log.committer.close()
    }
}

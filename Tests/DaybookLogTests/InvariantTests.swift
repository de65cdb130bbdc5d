import DaybookCore
import Glibc
import Testing

@testable import DaybookLog

/// What an assertion of the log does when it fails, in a process of its own.
@Suite struct `Assertions of the log` {
    @Test
    func `given something that does not hold, then the process says what and where, and ends`()
        async throws
    {
        let result = try #require(
            await #expect(
                processExitsWith: .failure, observing: [\.exitStatus, \.standardErrorContent]
            ) {
                invariant(1 + 1 == 2, "Test: sums are right")
                invariant(CommandLine.arguments.isEmpty, "Test: nobody started this", line: 120)
            })
        #expect(result.exitStatus == .signal(SIGILL) || result.exitStatus == .signal(SIGTRAP))
        let text = String(decoding: result.standardErrorContent, as: UTF8.self)
        #expect(
            text.contains(
                "the log contradicts itself and stops here: Test: nobody started this "
                    + "(DaybookLogTests/InvariantTests.swift:120). Start it again"))
        #expect(!text.contains("sums are right"))
    }

    @Test func `given something that should be there and is not, then the process ends`() async {
        await #expect(processExitsWith: .failure) {
            _ = established(CommandLine.arguments.first { $0.isEmpty }, "Test: there is a name")
        }
    }

    /// A group that is committed twice, which no caller does, is caught before it is written.
    @Test
    func
        `given a log whose writer stops at an assertion, when opened again, then it has what was acknowledged and nothing else`()
        async throws
    {
        let directory = try TemporaryDirectory()
        await #expect(processExitsWith: .failure) { [path = directory.path as String] in
            let log = try LogDirectory.create(
                storage: try FileStorage(path: path), options: smallOptions(), hash: .sha256,
                clock: TestClock().read, newLogID: testLogID, salt: testSalt)
            try log.append(batch(event(order: 1)))
            _ = try log.writer.stage(batch(event(order: 2)))
            guard let group = log.writer.closeGroup() else { return }
            _ = try log.committer.commit(group)
            _ = try log.writer.stage(batch(event(order: 3)))
            // Ends here.
            _ = try log.committer.commit(group)
        }
        let again = try LogDirectory.open(
            storage: try FileStorage(path: directory.path), options: smallOptions(), hash: .sha256,
            clock: TestClock().read)
        // As after a crash: the lock went with the process, and nothing was called clean.
        #expect(!again.recovery.wasClean)
        #expect(
            try again.reader.read(.all).map(\.tags[0])
                == [OrderID(rawValue: 1).tag, OrderID(rawValue: 2).tag])
        try again.append(batch(event(order: 4)))
        try again.committer.close()
        let report = try LogVerifier.verify(
            storage: try FileStorage(path: directory.path, readOnly: true), hash: .sha256)
        #expect(report.findings == [])
    }
}

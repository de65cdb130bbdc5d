import DaybookDecisions
import DaybookEngine
import Foundation
import Testing

/// This target has no package access: it sees what an embedder in another package sees.
@Suite struct `Embedding` {
    @Test
    func `given the README's example, when it is run in a new directory, then the order is paid`()
        async throws
    {
        let directory =
            FileManager.default.temporaryDirectory.path
            + "/daybook-embedding-\(ProcessInfo.processInfo.globallyUniqueString)"
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let pounds = try #require(Currency("GBP"))
        let value = try await sellALamp(in: directory, for: Money(minor: 9_99, currency: pounds))
        guard case .order(let order) = value else {
            Issue.record("\(String(describing: value))")
            return
        }
        #expect(order.status == .paid)
        #expect(order.payable == Money(minor: 19_98, currency: pounds))
    }

    @Test func `given the README, when its Swift code is compared, then it is the code above`()
        throws
    {
        let here = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        let code = try String(
            contentsOf: here.appendingPathComponent("SellALamp.swift"), encoding: .utf8)
        let readme = try String(
            contentsOf: here.appendingPathComponent("../../README.md"), encoding: .utf8)
        let blocks = readme.components(separatedBy: "```swift\n").dropFirst().map {
            $0.components(separatedBy: "```")[0]
        }
        #expect(blocks.contains(code))
    }
}

import DaybookCore
import DaybookDecisions
import Foundation
import Testing

/// What a released program wrote can be read for ever.
///
/// `Schemas/golden/RELEASED` lists the golden files of released versions as `sha256sum` prints them.
/// Lines are added with each release (`sha256sum PATH… >> Schemas/golden/RELEASED`), never taken away.
@Suite struct `Released golden events` {
    private struct Line {
        var digest: String
        var path: String
    }

    private func released() throws -> [Line] {
        try SchemaFolder.text(of: "golden/RELEASED").split(separator: "\n").map { line in
            let parts = line.split(separator: " ", omittingEmptySubsequences: true)
            try #require(parts.count == 2, "\(line)")
            return Line(digest: String(parts[0]), path: String(parts[1]))
        }
    }

    @Test func `given the list of released golden files, when looked at, then each is as it was`()
        throws
    {
        let lines = try released()
        #expect(lines.count >= 328, "lines were taken away from the list")
        let check = try run([
            "sha256sum", "--check", "--strict", "--quiet", "Schemas/golden/RELEASED",
        ])
        #expect(check.status == 0, "\(check.text)\(check.errors)")
    }

    @Test func `given a released payload, when lifted by today's chain, then it decodes`() throws {
        for line in try released() where line.path.hasSuffix(".bin") {
            let kind = try kind(ofPath: line.path)
            let stored = try SchemaFolder.bytes(
                of: String(line.path.dropFirst("Schemas/".count)))
            let today = try UpcasterChain.current.upcast(stored, of: kind)
            let event = try #require(try decoded(today.kind.type, today.payload))
            #expect(event.schemaVersion == today.kind.schemaVersion, "\(line.path)")
        }
    }

    @Test func `given the list, when today's types are counted, then version 1 of each is on it`()
        throws
    {
        let kinds = Set(try released().map { try kind(ofPath: $0.path) })
        for kind in kinds { #expect(UpcasterChain.current.knownKinds.contains(kind), "\(kind)") }
        let missing = Event.allTypes.filter {
            !kinds.contains(EventKind($0, schemaVersion: 1)) && !unreleased.contains($0)
        }
        #expect(missing == [])
    }

    /// Types that no release has yet; they move to the list with the next one.
    private let unreleased: Set<EventType> = []

    /// `Schemas/golden/OrderPlaced/v1/002-full.bin`
    private func kind(ofPath path: String) throws -> EventKind {
        let parts = path.split(separator: "/")
        try #require(parts.count == 5, "\(path)")
        return EventKind(
            EventType(rawValue: String(parts[2])),
            schemaVersion: try #require(UInt32(parts[3].dropFirst()), "\(path)"))
    }
}

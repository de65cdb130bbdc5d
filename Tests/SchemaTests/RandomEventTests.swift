import DaybookCore
import DaybookDecisions
import Foundation
import Testing

@Suite struct `Random events` {
    /// One random payload after the other, each type in turn.
    private func payloads(_ test: String, perType: Int) -> [(MessageDescriptor, [UInt8])] {
        var random = RandomPayload(generator: .fromEnvironment(for: test))
        return EventSchema.current.eventMessages.flatMap { message in
            (0..<perType).map { _ in (message, random.payload(of: message)) }
        }
    }

    @Test
    func `given random payloads, when decoded and encoded, then bytes and values are the same`()
        throws
    {
        for (message, payload) in payloads("random events round trip", perType: 100) {
            let type = EventType(rawValue: message.name)
            let event = try #require(try decoded(type, payload), "\(type)")
            try #require(encoded(event) == payload, "\(type)")
            try #require(try decoded(type, encoded(event)) == event, "\(type)")
        }
    }

    @Test
    func `given random payloads, when protoc decodes and encodes them, then bytes are the same`()
        throws
    {
        let events = payloads("random events through protoc", perType: 25)
        // One message with a list for each type lets one process read them all.
        var schema = "syntax = \"proto3\";\npackage test;\n"
        for package in ["users", "inventory", "orders", "payments", "mail", "operations"] {
            schema += "import \"\(package)/v1/events.proto\";\n"
        }
        schema += "message All {\n"
        for (index, message) in EventSchema.current.eventMessages.enumerated() {
            schema += "  repeated \(message.fullName) list\(index + 1) = \(index + 1);\n"
        }
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "daybook-all-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data((schema + "}\n").utf8).write(to: folder.appending(path: "all.proto"))

        var writer = WireWriter()
        for (index, message) in EventSchema.current.eventMessages.enumerated() {
            for (other, payload) in events where other.fullName == message.fullName {
                let event = try #require(try decoded(EventType(rawValue: message.name), payload))
                writer.alwaysField(index + 1, bytes: encoded(event))
            }
        }
        let paths = ["-I", SchemaFolder.url.path, "-I", folder.path, "all.proto"]
        let read = try run(["protoc", "--decode=test.All"] + paths, input: writer.bytes)
        try #require(read.status == 0, "\(read.errors)")
        let written = try run(["protoc", "--encode=test.All"] + paths, input: read.output)
        try #require(written.status == 0, "\(written.errors)")
        #expect(written.output == writer.bytes)
    }

    @Test func `given random payloads, when rendered, then another JSON parser reads every field`()
        throws
    {
        for (message, payload) in payloads("random events rendered", perType: 20) {
            let json = EventRendering().json(
                of: recorded(EventType(rawValue: message.name), payload))
            let object = try JSONSerialization.jsonObject(with: Data(json.utf8))
            let members = try #require(object as? [String: Any])
            let required = message.fields.filter { !$0.isOptional }.map(\.name)
            #expect(Set(required).isSubset(of: members.keys), "\(message.name)")
            #expect(Set(members.keys).isSubset(of: message.fields.map(\.name)), "\(message.name)")
        }
    }
}

import DaybookCore
import DaybookDecisions
import Foundation
import Testing

@Suite struct `Schema files` {
    private let schema = EventSchema.current

    @Test
    func `given the schemas, when the generator checks, then generated files and lock are current`()
        throws
    {
        let check = try run(["python3", "Schemas/generate.py", "--check"])
        #expect(check.status == 0, "\(check.text)\(check.errors)")
    }

    @Test func `given the committed descriptor set, when compared, then it is the embedded one`()
        throws
    {
        #expect(
            try SchemaFolder.bytes(of: "generated/descriptors.binpb") == EventSchema.descriptorSet)
    }

    @Test
    func `given the schema, when its events are listed, then the program knows these and no more`()
    {
        #expect(schema.eventMessages.map { EventType(rawValue: $0.name) } == Event.allTypes)
        #expect(Set(Event.allTypes).count == Event.allTypes.count)
    }

    @Test func `given a golden event of each type, then program and schema agree on its version`() {
        for golden in GoldenEvent.all {
            #expect(schema.latestVersions[golden.event.type] == golden.event.schemaVersion)
        }
    }

    @Test func `given the schema, when fields are inspected, then every personal field is sealed`()
        throws
    {
        let sealed = try #require(schema.messages.firstIndex { $0.fullName == "daybook.v1.Sealed" })
        for message in schema.eventMessages {
            for field in message.fields {
                #expect(
                    field.isPersonal == (field.type == .message(sealed)),
                    "\(message.name).\(field.name)")
            }
        }
    }

    @Test func `given the schema, when enumerations are inspected, then zero means unspecified`() {
        for declared in schema.enums where !declared.fullName.hasPrefix("google.") {
            #expect(declared.name(of: 0) == "unspecified", "\(declared.fullName)")
        }
    }

    @Test
    func `given the schema, when types are inspected, then there are no floats`() {
        for message in schema.messages where !message.fullName.hasPrefix("google.") {
            for field in message.fields {
                #expect(field.type != .float && field.type != .double, "\(message.name)")
            }
        }
    }
}

@Suite struct `Schema lock` {
    private struct Lock: Decodable {
        struct Entry: Decodable {
            var name: String
            var numbers: [Int]
            var sha256: String
        }
        var published: [Entry]
    }

    private func entries() throws -> [Lock.Entry] {
        let data = Data(try SchemaFolder.bytes(of: "lock.json"))
        return try JSONDecoder().decode(Lock.self, from: data).published
    }

    private func canonicalText(_ name: String, _ numbers: [Int]) -> String? {
        let schema = EventSchema.current
        if let message = schema.message(named: name) {
            return schema.canonicalText(of: message, numbers: numbers)
        }
        return schema.enums.first { $0.fullName == name }
            .map { schema.canonicalText(of: $0, numbers: numbers) }
    }

    @Test func `given every locked entry, when hashed anew, then what is published is unchanged`()
        throws
    {
        for entry in try entries() {
            let text = try #require(canonicalText(entry.name, entry.numbers), "\(entry.name)")
            let hash = try run(["sha256sum"], input: Array(text.utf8))
            #expect(
                hash.text.prefix(64) == entry.sha256,
                "\(entry.name) is published and was changed: add a new version instead")
        }
    }

    @Test
    func `given every message and enumeration, when looked up, then the lock has it as it is`()
        throws
    {
        let locked = Set(try entries().map { "\($0.name) \($0.numbers)" })
        let schema = EventSchema.current
        for message in schema.messages where !message.fullName.hasPrefix("google.") {
            #expect(locked.contains("\(message.fullName) \(message.fields.map(\.number))"))
        }
        for declared in schema.enums where !declared.fullName.hasPrefix("google.") {
            #expect(
                locked.contains("\(declared.fullName) \(declared.values.map(\.number).sorted())"))
        }
    }

    @Test func `given an order's descriptor, when written canonically, then it reads like this`()
        throws
    {
        let text = try #require(canonicalText("orders.v1.ShipmentDispatched", [1, 3, 4, 5]))
        #expect(
            text == """
                message orders.v1.ShipmentDispatched event 1
                1 order_id bytes single kind=OrderID
                3 location string single kind=LocationID
                4 lines daybook.v1.LineQuantity repeated
                5 carrier string optional

                """)
    }
}

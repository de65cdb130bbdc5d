import DaybookCore
import DaybookDecisions
import Testing

/// Reads the plain form that `catalogue.yaml` keeps to: lists of blocks, one line for each key.
private struct Catalogue {
    var events: [[String: String]] = []
    var reserved: [[String: String]] = []
    var reservedCommands: [[String: String]] = []

    init() throws {
        var section = ""
        for line in try SchemaFolder.text(of: "catalogue.yaml").split(separator: "\n") {
            guard !line.hasPrefix("#") else { continue }
            guard line.hasPrefix("  ") else {
                section = String(line)
                continue
            }
            let parts = line.dropFirst(4).split(separator: ":", maxSplits: 1)
            try #require(parts.count == 2, "\(line)")
            let key = String(parts[0])
            let value = String(parts[1].drop(while: { $0 == " " }))
            try append(key, value, isFirst: line.hasPrefix("  - "), to: section)
        }
    }

    private mutating func append(
        _ key: String, _ value: String, isFirst: Bool, to section: String
    ) throws {
        switch section {
        case "events:": Catalogue.append(key, value, isFirst: isFirst, to: &events)
        case "reserved:": Catalogue.append(key, value, isFirst: isFirst, to: &reserved)
        case "reserved_commands:":
            Catalogue.append(key, value, isFirst: isFirst, to: &reservedCommands)
        default: Issue.record("the catalogue has a section '\(section)'")
        }
    }

    private static func append(
        _ key: String, _ value: String, isFirst: Bool, to entries: inout [[String: String]]
    ) {
        if isFirst { entries.append([:]) }
        entries[entries.count - 1][key] = value
    }
}

extension [String: String] {
    fileprivate subscript(list key: String) -> [String] {
        (self[key] ?? "").dropFirst().dropLast().split(separator: ", ").map(String.init)
    }
}

@Suite struct `Event catalogue` {
    private let schema = EventSchema.current

    @Test func `given the catalogue, when compared with the schema, then each event has one entry`()
        throws
    {
        let entries = try Catalogue().events
        #expect(entries.map { $0["name"] } == schema.eventMessages.map(\.name))
        for (entry, message) in zip(entries, schema.eventMessages) {
            #expect(entry["version"] == "\(message.eventVersion)", "\(message.name)")
            #expect(entry["package"] == message.package, "\(message.name)")
            #expect(message.package.hasPrefix((entry["owner"] ?? "?") + "."), "\(message.name)")
            #expect(entry["since"] == "0.1.0", "\(message.name)")
            #expect(entry["status"] == "published", "\(message.name)")
            #expect((entry["summary"] ?? "").count > 10, "\(message.name)")
        }
    }

    @Test
    func
        `given the catalogue, when compared with the schema, then personal fields are the sealed ones`()
        throws
    {
        for (entry, message) in zip(try Catalogue().events, schema.eventMessages) {
            #expect(
                entry[list: "personal"] == message.fields.filter(\.isPersonal).map(\.name),
                "\(message.name)")
        }
    }

    @Test
    func `given the catalogue, when its tags are read, then the payload holds what they name`()
        throws
    {
        let kinds = [
            "OrderID": "order", "UserID": "user", "SKU": "sku", "PaymentID": "payment",
            "ShipmentID": "shipment", "ReturnID": "return", "VerificationID": "verification",
            "EmailDigest": "email", "MailID": "mail",
        ]
        for (entry, message) in zip(try Catalogue().events, schema.eventMessages) {
            let own = message.fields.compactMap { kinds[$0.kind] }
            let nested = message.fields.flatMap { field -> [String] in
                guard case .message(let index) = field.type else { return [] }
                return schema.messages[index].fields.compactMap { kinds[$0.kind] }
            }
            var tags = entry[list: "tags"]
            #expect(!tags.isEmpty, "\(message.name)")
            #expect(Set(tags).count == tags.count, "\(message.name)")
            if message.name == "GatewayEventReceived" { tags.removeAll { $0 == "gateway" } }
            if message.name == "ProjectionEventSkipped" { tags.removeAll { $0 == "projection" } }
            #expect(Set(own).isSubset(of: tags), "\(message.name)")
            #expect(Set(tags).isSubset(of: own + nested), "\(message.name)")
        }
    }

    @Test func `given reserved names, when compared with the program, then no event has one`()
        throws
    {
        let reserved = try Catalogue().reserved
        #expect(reserved.count == 13)
        let types = Set(Event.allTypes.map(\.rawValue))
        for entry in reserved {
            #expect(entry["status"] == "reserved")
            #expect(!types.contains(entry["name"] ?? ""))
        }
        #expect(try Catalogue().reservedCommands.allSatisfy { $0["status"] == "reserved" })
    }
}

import DaybookCore
import DaybookDecisions
import Testing

/// A product had a price in pence once; then it got a currency; then its name was split off.
private struct PoundsWereMeant: Upcaster {
    let type: EventType = "ProductAdded"
    let fromSchemaVersion: UInt32 = 1

    /// Field 3 was the price in pence; now it is a message of amount and currency.
    func upcast(_ payload: [UInt8]) throws -> [UInt8] {
        try payload.withUnsafeBytes { bytes in
            var reader = WireReader(bytes)
            var writer = WireWriter()
            while let tag = try reader.nextTag() {
                if tag.field == 3 {
                    let pence = try reader.int64(tag)
                    writer.field(3) { Money(minor: pence, currency: pounds).encode(into: &$0) }
                } else {
                    writer.alwaysField(tag.field, bytes: try reader.bytes(tag))
                }
            }
            return writer.bytes
        }
    }
}

private struct EverythingIsStocked: Upcaster {
    let type: EventType = "ProductAdded"
    let fromSchemaVersion: UInt32 = 2

    func upcast(_ payload: [UInt8]) throws -> [UInt8] { payload + [0x20, 0x01] }
}

private struct Refusing: Upcaster {
    struct Reason: Error, CustomStringConvertible {
        let description = "no such thing"
    }
    let type: EventType
    let fromSchemaVersion: UInt32

    func upcast(_ payload: [UInt8]) throws -> [UInt8] { throw Reason() }
}

@Suite struct `Upcaster chain` {
    /// What version 1 wrote: sku, name, pence.
    private let firstVersion: [UInt8] = {
        var writer = WireWriter()
        writer.field(1, text: "85123A")
        writer.field(2, text: "White heart")
        writer.field(3, int: 255)
        return writer.bytes
    }()
    private let natively = Event.productAdded(
        ProductAdded(
            sku: sku, name: "White heart", price: price, stocked: true, backorder: false))

    private func chain() throws -> UpcasterChain {
        try UpcasterChain(
            [EverythingIsStocked(), PoundsWereMeant()], currentVersions: ["ProductAdded": 3])
    }

    @Test
    func `given an event of each earlier version, when upcast, then it equals one written today`()
        throws
    {
        let chain = try chain()
        let second = try PoundsWereMeant().upcast(firstVersion)
        let stored: [(UInt32, [UInt8])] = [(1, firstVersion), (2, second), (3, encoded(natively))]
        for (version, payload) in stored {
            let lifted = try chain.upcast(
                recorded("ProductAdded", payload, schemaVersion: version))
            #expect(lifted.schemaVersion == 3)
            #expect(lifted.payload == encoded(natively))
            #expect(try decoded(lifted.type, lifted.payload) == natively)
        }
    }

    @Test func `given the same bytes, when upcast twice, then the results are equal`() throws {
        let event = recorded("ProductAdded", firstVersion, schemaVersion: 1)
        #expect(try chain().upcast(event) == chain().upcast(event))
    }

    @Test
    func `given an event of a newer program, when upcast, then the error names both versions`()
        throws
    {
        let error = #expect(throws: UpcasterChainError.self) {
            try chain().upcast([], of: "ProductAdded", schemaVersion: 4)
        }
        #expect(error == .newerSchemaVersion("ProductAdded", stored: 4, known: 3))
        #expect(
            error?.description
                == "'ProductAdded' is stored in schema version 4; this program knows versions up to 3. "
                + "Use the program that wrote it, or a newer one.")
    }

    @Test func `given version 0, when upcast, then it is refused`() {
        #expect(throws: UpcasterChainError.noSchemaVersion("ProductAdded")) {
            try chain().upcast([], of: "ProductAdded", schemaVersion: 0)
        }
    }

    @Test func `given an unknown type, when upcast, then it stays as it is`() throws {
        let event = recorded("MoonLanded", [1, 2], schemaVersion: 9)
        #expect(try chain().upcast(event) == event)
    }

    @Test func `given a step that refuses, when upcast, then the error names the step`() throws {
        let chain = try UpcasterChain(
            [Refusing(type: "MailSent", fromSchemaVersion: 1)], currentVersions: ["MailSent": 2])
        #expect(
            throws: UpcasterChainError.refused(
                "MailSent", fromSchemaVersion: 1, reason: "no such thing")
        ) {
            try chain.upcast([], of: "MailSent", schemaVersion: 1)
        }
    }

    @Test(
        arguments: [
            ([1, 2], 4, .gap("MailSent", fromSchemaVersion: 3)),
            ([2], 3, .gap("MailSent", fromSchemaVersion: 1)),
            ([], 2, .gap("MailSent", fromSchemaVersion: 1)),
            ([1, 3], 4, .gap("MailSent", fromSchemaVersion: 2)),
            ([1, 1], 2, .duplicate("MailSent", fromSchemaVersion: 1)),
            ([1, 2], 2, .notBeforeCurrent("MailSent", fromSchemaVersion: 2)),
            ([0], 2, .notBeforeCurrent("MailSent", fromSchemaVersion: 0)),
        ] as [([UInt32], UInt32, UpcasterChainError)])
    func `given steps that do not fit, when put together, then the chain is refused`(
        versions: [UInt32], current: UInt32, expected: UpcasterChainError
    ) {
        #expect(throws: expected) {
            try UpcasterChain(
                versions.map { Refusing(type: "MailSent", fromSchemaVersion: $0) },
                currentVersions: ["MailSent": current, "MailFailed": 1])
        }
    }

    @Test func `given a step for no type of ours, when put together, then the chain is refused`() {
        #expect(throws: UpcasterChainError.unknownType("MoonLanded")) {
            try UpcasterChain(
                [Refusing(type: "MoonLanded", fromSchemaVersion: 1)],
                currentVersions: ["MailSent": 1])
        }
    }

    @Test func `given today's chain, when every golden event is upcast, then nothing changes`()
        throws
    {
        for golden in GoldenEvent.all {
            let event = recorded(golden.event.type, golden.payload)
            #expect(try UpcasterChain.current.upcast(event) == event)
        }
    }

    // MARK: Renames

    /// Two versions under the old name, then the new name.
    private func renamed() throws -> UpcasterChain {
        try UpcasterChain(
            [
                Old(type: "ArticleAdded", fromSchemaVersion: 1, byte: 1),
                EventRename(
                    EventKind("ArticleAdded", schemaVersion: 2),
                    to: EventKind("ProductAdded", schemaVersion: 3)),
                Old(type: "ProductAdded", fromSchemaVersion: 3, byte: 3),
            ], currentVersions: ["ProductAdded": 4, "MailSent": 1])
    }

    @Test func `given a renamed type, when upcast, then it has today's name, version and shape`()
        throws
    {
        let chain = try renamed()
        let oldest = try chain.upcast(recorded("ArticleAdded", [9], schemaVersion: 1))
        #expect(oldest == recorded("ProductAdded", [9, 1, 3], schemaVersion: 4))
        let newer = try chain.upcast(recorded("ProductAdded", [9], schemaVersion: 3))
        #expect(newer == recorded("ProductAdded", [9, 3], schemaVersion: 4))
    }

    @Test func `given a renamed type, when asked what can be read, then old names are there too`()
        throws
    {
        let chain = try renamed()
        #expect(chain.formerNames == ["ProductAdded": ["ArticleAdded"]])
        #expect(
            chain.knownKinds == [
                EventKind("ArticleAdded", schemaVersion: 1),
                EventKind("ArticleAdded", schemaVersion: 2),
                EventKind("ProductAdded", schemaVersion: 3),
                EventKind("ProductAdded", schemaVersion: 4),
                EventKind("MailSent", schemaVersion: 1),
            ])
        let query = Query.any([QueryItem(types: ["ProductAdded", "MailSent"])])
        #expect(
            query.including(formerNames: chain.formerNames)
                == .any([QueryItem(types: ["ProductAdded", "MailSent", "ArticleAdded"])]))
    }

    @Test(
        arguments: [
            // Version 1 of the old name has no step.
            (
                [("A", 2, "B", 1)], .gap("A", fromSchemaVersion: 1)
            ),
            // The new name's version has no step that leads on.
            ([("A", 1, "B", 2)], .gap("B", fromSchemaVersion: 2)),
            ([("A", 1, "C", 1)], .unknownType("C")),
            ([("A", 1, "C", 1), ("C", 1, "A", 1)], .circle("A")),
            // The one name has two ends.
            (
                [("A", 1, "B", 3), ("A", 1, "B", 3)],
                .duplicate("A", fromSchemaVersion: 1)
            ),
        ] as [([(String, UInt32, String, UInt32)], UpcasterChainError)])
    func `given renames that do not fit, when put together, then the chain is refused`(
        renames: [(String, UInt32, String, UInt32)], expected: UpcasterChainError
    ) {
        #expect(throws: expected) {
            try UpcasterChain(
                renames.map { from, version, to, next in
                    EventRename(
                        EventKind(EventType(rawValue: from), schemaVersion: version),
                        to: EventKind(EventType(rawValue: to), schemaVersion: next))
                }, currentVersions: ["B": renames.contains { $0.2 == "B" } ? 3 : 1])
        }
    }
}

/// Adds a byte, so that the steps taken can be seen.
private struct Old: Upcaster {
    let type: EventType
    let fromSchemaVersion: UInt32
    let byte: UInt8

    func upcast(_ payload: [UInt8]) -> [UInt8] { payload + [byte] }
}

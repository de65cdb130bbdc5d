import ArgumentParser
import DaybookCore
import DaybookDecisions
import DaybookEngine
import DaybookProjections

/// `daybook audit`
struct AuditCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "Who did what, when and why, from the log itself.",
        discussion: "daybook audit order 17", subcommands: [AuditOrder.self])
}

/// `daybook audit order`
struct AuditOrder: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "order", abstract: "The whole story of one order.",
        discussion: """
            daybook audit order 17
            daybook audit order ord_01… --json
            """)

    @Argument(help: "The order: ord_… or its number.")
    var order: OrderReference

    @OptionGroup var store: StoreOptions
    @OptionGroup var global: GlobalOptions

    mutating func perform(_ output: Output) async throws -> Outcome {
        try store.requireStore()
        let reader = try DaybookReader.open(directory: store.directory)
        let story = try reader.story(of: try await id(reader))
        for entry in story.entries {
            output.record(
                "event",
                output.settings.format == .text ? AuditOrder.line(entry) : AuditOrder.full(entry))
        }
        return .shown(
            AuditOrder.summary(story), next: ["daybook log show POSITION\(store.argument)"])
    }

    private func id(_ reader: DaybookReader) async throws -> OrderID {
        if case .id(let id) = order { return id }
        return try await order.detail(in: reader.readModels).value.order.summary.orderID
    }

    private static func line(_ entry: AuditEntry) -> Record {
        [
            "position": .of(entry.position), "recorded_at": .of(entry.recordedAt),
            "event": .text(entry.type.rawValue), "who": .of(entry.actor),
            "command": .text(entry.command), "because_of": .of(entry.causation),
        ]
    }

    private static func full(_ entry: AuditEntry) -> Record {
        var record: Record = [
            "position": .of(entry.position), "event_type": .text(entry.type.rawValue),
            "schema_version": .of(entry.schemaVersion), "recorded_at": .of(entry.recordedAt),
            "batch": .of(entry.batchNumber), "actor": .of(entry.actor),
            "command": .text(entry.command), "idempotency_key": .of(entry.idempotencyKey),
            "correlation_id": .of(entry.correlationID),
            "causation_position": .of(entry.causation),
            "tags": .texts(entry.tags.map(\.description)), "payload": .json(entry.payload),
        ]
        if let stored = entry.storedAs { record.append("stored_as", .text("\(stored)")) }
        return record
    }

    private static func summary(_ story: OrderStory) -> Record {
        func amount(_ minor: Int64) -> Field {
            .money(Money(minor: minor, currency: story.currency))
        }
        return [
            "order_id": .of(story.orderID), "order_number": .of(story.orderNumber),
            "user_id": .of(story.userID), "payable": amount(story.payable),
            "captured": amount(story.captured), "refunded": amount(story.refunded),
            "units_ordered": .of(story.unitsOrdered), "units_shipped": .of(story.unitsShipped),
            "units_returned": .of(story.unitsReturned), "events": .of(story.entries.count),
        ]
    }
}

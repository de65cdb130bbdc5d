import ArgumentParser
import DaybookCore
import DaybookDecisions
import DaybookEngine
import DaybookProjections

/// `daybook projection parked`
struct ProjectionParked: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "parked", abstract: "Events that a read model could not take.",
        discussion: """
            daybook projection parked
            daybook projection parked orders --json

            Such an event is set aside with its error. Whatever comes later about the same order, \
            product, person or mail waits behind it; all else goes on. Exit code 3 when there are any.
            """)

    @Argument(help: "inventory, orders or users; none: all of them.")
    var name: ReadModelName?

    @OptionGroup var store: StoreOptions
    @OptionGroup var global: GlobalOptions

    mutating func perform(_ output: Output) async throws -> Outcome {
        try store.requireStore()
        var count = 0
        var refused: [(ReadModelName, ParkedEvent)] = []
        for name in ReadModelName.allCases where self.name == nil || self.name == name {
            let file = try ReadModelFile.open(
                name, at: store.layout.readModels + "/" + name.fileName)
            let events = try file.parkedEvents()
            try file.close()
            for event in events {
                output.record("parked", event.record(in: name))
                if event.reason != nil { refused.append((name, event)) }
            }
            count += events.count
        }
        for (name, event) in refused {
            output.finding(
                code: "event_parked",
                "\(name.rawValue) could not take \(event.fact.event.type) at position "
                    + "\(event.fact.position): \(event.reason ?? "")",
                ["name": .text(name.rawValue), "position": .of(event.fact.position)])
        }
        let argument = store.argument
        return Outcome(
            ["parked": .of(count)],
            next: refused.prefix(1).flatMap { name, event in
                [
                    "daybook log show \(event.fact.position)\(argument)",
                    "daybook projection retry \(name.rawValue) \(event.fact.position)\(argument)",
                    "daybook projection skip \(name.rawValue) \(event.fact.position) --reason TEXT"
                        + argument,
                ]
            })
    }
}

extension ParkedEvent {
    func record(in name: ReadModelName) -> Record {
        [
            "name": .text(name.rawValue), "position": .of(fact.position),
            "event_type": .text(fact.event.type.rawValue), "subject": .text(subject),
            "recorded_at": .of(fact.recordedAt),
            "reason": .of(reason),
        ]
    }
}

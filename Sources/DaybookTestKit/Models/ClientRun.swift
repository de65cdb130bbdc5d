internal import DaybookCore
internal import Synchronization

/// Several clients of one store, and a clock that counts their calls and answers.
final class ClientRun: Sendable {
    private let store: any EventStore
    private let ticks = Mutex(0)

    init(store: any EventStore) {
        self.store = store
    }

    /// What they called and were answered, by clients in turn.
    func run(_ scripts: [ClientScript]) async throws -> [ConcurrentCall<StoreCall, StoreAnswer>] {
        try await withThrowingTaskGroup(
            of: (Int, [ConcurrentCall<StoreCall, StoreAnswer>]).self
        ) { group in
            for (client, script) in scripts.enumerated() {
                group.addTask { (client, try await self.run(script, client)) }
            }
            var byClient: [(Int, [ConcurrentCall<StoreCall, StoreAnswer>])] = []
            for try await operations in group { byClient.append(operations) }
            return byClient.sorted { $0.0 < $1.0 }.flatMap(\.1)
        }
    }

    private func tick() -> Int {
        ticks.withLock { ticks in
            ticks += 1
            return ticks
        }
    }

    private func run(_ script: ClientScript, _ client: Int) async throws
        -> [ConcurrentCall<StoreCall, StoreAnswer>]
    {
        var operations: [ConcurrentCall<StoreCall, StoreAnswer>] = []
        for wish in script.wishes {
            var call = wish.call
            if wish.looksFirst, case .append(let tag, let count, let unless, _) = call {
                call = .append(tag, count: count, unless: unless, after: store.head)
                await Task.yield()
            }
            let called = tick()
            let answer = try await answer(to: call)
            operations.append(
                ConcurrentCall(
                    client: client, input: call, output: answer, called: called,
                    returned: tick()))
            await Task.yield()
        }
        return operations
    }

    private func answer(to call: StoreCall) async throws -> StoreAnswer {
        switch call {
        case .append(let tag, let count, let unless, let after):
            let event = ProposedEvent(
                type: "Tested", tags: [Tag(label: "test", text: tag)], payload: [])
            let batch = ProposedBatch(
                metadata: BatchMetadata(
                    recordedAt: Instant(microseconds: 0), actor: .system, command: "Test"),
                events: Array(repeating: event, count: count))
            let condition = unless.map { tag in
                AppendCondition.nothingMatches(.tag(Tag(label: "test", text: tag)), after: after)
            }
            switch try await store.append(batch, when: condition) {
            case .appended(let positions): return .appended(positions)
            case .conflict(let position): return .conflict(position)
            }
        case .read(let tag):
            let events = try store.read(
                .tag(Tag(label: "test", text: tag)), from: nil, through: nil, direction: .forwards,
                limit: nil)
            return .read(events.map(\.position))
        }
    }
}

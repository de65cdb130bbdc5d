import DaybookCore
import DaybookDecisions
import DaybookProjections
import DaybookTestKit

/// A read model of a history in memory, with its real projector.
final class MemoryReadModel {
    static let logID = LogID(rawValue: 0xD0)
    private let file: ReadModelFile
    private let projector: any Projector

    init(_ name: ReadModelName) throws {
        file = try ReadModelFile.create(
            name, at: ":memory:", logID: MemoryReadModel.logID, mode: .copy)
        projector =
            switch name {
            case .inventory: try InventoryProjector(file: file)
            case .orders: try OrdersProjector(file: file)
            case .users: try UsersProjector(file: file)
            }
    }

    deinit { try? projector.close() }

    /// Projects a run of batches, in one transaction.
    func project(_ run: some Sequence<FactBatch>) throws {
        let run = Array(run)
        guard let last = run.last else { return }
        try projector.project(run, checkpoint: MemoryReadModel.checkpoint(after: last))
    }

    var checkpoint: Checkpoint { file.checkpoint }

    /// Every row of every table, as `daybook export` writes it.
    func rows() throws -> [String] {
        var lines: [String] = []
        try file.exportAll { lines.append($0) }
        return lines
    }

    /// Some columns of a table, one line per row.
    func rows(_ table: String, _ columns: String) throws -> [String] {
        guard let definition = file.name.schema.table(named: table) else { return ["no table"] }
        var lines: [String] = []
        let names = columns.split(separator: " ").map(String.init)
        try file.exportRows(of: definition, columns: names, as: .table) { lines.append($0) }
        return Array(lines.dropFirst())
    }

    static func checkpoint(after batch: FactBatch) -> Checkpoint {
        let bytes = (0..<32).map { UInt8(truncatingIfNeeded: batch.number >> (8 * ($0 % 8))) }
        return Checkpoint(
            logID: logID, position: batch.lastPosition, batchNumber: batch.number,
            chain: Digest(bytes) ?? .zero)
    }
}

/// The batches that a history was recorded in: one for each command that had an effect.
func batches(of history: ShopHistory) -> [FactBatch] {
    var batches: [FactBatch] = []
    var count = 0
    for step in history.steps {
        guard case .success(let events) = step.outcome, !events.isEmpty else { continue }
        batches.append(
            FactBatch(
                number: UInt64(batches.count + 1),
                metadata: BatchMetadata(
                    recordedAt: step.context.now, actor: step.context.actor,
                    command: step.command.name),
                facts: Array(history.facts[count..<count + events.count])))
        count += events.count
    }
    return batches
}

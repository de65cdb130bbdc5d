import DaybookCore
import DaybookDecisions
import DaybookLog

/// Everything that the writer keeps in memory and that follows from the log alone.
struct EngineState: Equatable, Sendable {
    var shop: Shop
    var keys: IdempotencyTable

    static var initial: EngineState {
        EngineState(shop: ShopDecider.initial, keys: IdempotencyTable())
    }

    /// The same for whoever folds a log to hold the state against another: its keys are only added up.
    static var initialForComparison: EngineState {
        EngineState(shop: ShopDecider.initial, keys: .ofTallyOnly)
    }

    /// Folds one batch in. Replaying a log from its first batch gives the state that the writer had.
    ///
    /// - Parameter reader: for closed orders that have left the memory and that the batch is about.
    mutating func evolve(with batch: FactBatch, reader: LogReader) throws {
        if let first = batch.facts.first?.position {
            for tag in shop.subjectsToLoad(for: batch.facts) {
                let before = LogPosition(rawValue: first.rawValue - 1)
                let facts = try reader.facts(tagged: tag, through: before)
                if !facts.isEmpty { shop.load(facts) }
            }
        }
        for fact in batch.facts {
            ShopDecider.evolve(&shop, with: fact)
        }
        if let scope = IdempotencyScope(batch.metadata), let first = batch.facts.first,
            !PlantedBug.keysNotFolded.isPlanted
        {
            keys.record(scope, at: first.position)
        }
        if let last = batch.facts.last { shop.markDurable(through: last.position) }
    }
}

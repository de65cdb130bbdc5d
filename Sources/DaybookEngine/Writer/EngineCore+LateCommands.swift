import DaybookCore
import DaybookDecisions
import DaybookLog

extension EngineCore {
    /// Reads the orders that have left the memory and that the command is about.
    func loadSubjects(of command: PreparedCommand) throws(DaybookError) {
        do {
            // A payment leads to its order, hence a second round.
            for _ in 0..<2 {
                let tags = shop.subjectsToLoad(for: command)
                guard !tags.isEmpty else { return }
                for tag in tags { try loadSubject(tag) }
            }
        } catch {
            throw DaybookError(reading: error)
        }
    }

    private func loadSubject(_ tag: Tag) throws {
        let facts = try reader.facts(tagged: tag)
        if !facts.isEmpty { load(facts) }
    }
}

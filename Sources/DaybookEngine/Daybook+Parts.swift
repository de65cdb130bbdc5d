internal import DaybookCore
internal import DaybookDecisions

extension Daybook {
    /// ``executeAll(_:)`` for a caller who asks alone and waits: while some requests are decided the next
    /// ones are made ready, and what is decided is made durable meanwhile. Takes more syncs for it.
    ///
    /// For ``ReactorMode/manual``: it waits for no payments.
    ///
    /// - Parameter partCount: how many requests are made ready at a time. All at once where they register
    ///   users, because the keys of these are made in one transaction.
    /// - Returns: one result per request, in order.
    package func executeAll(
        _ requests: [Request], inPartsOf partCount: Int
    ) async -> [Result<CommandResult, DaybookError>] {
        precondition(configuration.reactors == .manual, "executeAll: parts wait for no payments")
        guard requests.count > partCount, !requests.contains(where: \.registersUsers) else {
            return await executeAll(requests)
        }
        let parts = stride(from: 0, to: requests.count, by: partCount).map { start in
            requests[start..<min(start + partCount, requests.count)]
        }
        let answers = AnswersInParts<Result<CommandResult, DaybookError>>()
        for part in parts {
            let prepared = preparation.prepare(Array(part))
            let index = answers.begin()
            // The last one may be short, and must not overtake the others.
            writer.handle(prepared.ready, in: .bulk) { handled in
                answers.take(
                    prepared.inOrder(handled) { handled, _ in handled.result }, ofPart: index)
            }
        }
        return await answers.all()
    }
}

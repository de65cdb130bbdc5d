extension Array {
    /// Runs `body` for every element, each on a thread of its own when that is wanted; all have ended
    /// when the call returns.
    ///
    /// - Throws: the first of the errors; the others had their turn.
    func forEachConfined<Value>(
        inParallel isParallel: Bool, _ body: (Value) throws -> Void
    ) throws where Element == Confined<Value> {
        guard isParallel, count > 1 else {
            for element in self { try body(element.value) }
            return
        }
        var results: [Result<Void, any Error>] = []
        withoutActuallyEscaping(body) { body in
            // Each element is used by one thread only, which the compiler cannot see.
            let others = dropFirst().map { element in WorkAside { try body(element.value) } }
            results.append(Result { try body(self[0].value) })
            for other in others { results.append(Result { try other.wait() }) }
        }
        for result in results { try result.get() }
    }
}

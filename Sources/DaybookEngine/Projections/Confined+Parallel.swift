extension Array {
    /// Runs `body` for every element, side by side when that is wanted: the first on this thread, each other
    /// one on a thread of its own. All have ended when the call returns.
    ///
    /// - Parameters:
    ///   - name: of an element's thread.
    ///   - niceness: which threads go first, see ``WorkAside``; with any none runs on this thread.
    /// - Throws: the first of the errors; the others had their turn.
    func forEachConfined<Value>(
        inParallel isParallel: Bool, named name: (Value) -> String = { _ in "aside" },
        _ niceness: Niceness = .none, _ body: (Value) throws -> Void
    ) throws where Element == Confined<Value> {
        guard isParallel, count > 1 || niceness != .none else {
            for element in self { try body(element.value) }
            return
        }
        var results: [Result<Void, any Error>] = []
        withoutActuallyEscaping(body) { body in
            // Each element is used by one thread only, which the compiler cannot see.
            let isHere = niceness == .none
            let others = dropFirst(isHere ? 1 : 0).map { element in
                WorkAside(name(element.value), niceness) { try body(element.value) }
            }
            if isHere { results.append(Result { try body(self[0].value) }) }
            for other in others { results.append(Result { try other.wait() }) }
        }
        for result in results { try result.get() }
    }
}

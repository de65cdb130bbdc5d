extension Array {
    /// Runs `body` for every element, side by side when that is wanted: the first on this thread, each other
    /// one on a thread of its own. All have ended when the call returns.
    ///
    /// - Parameters:
    ///   - name: of an element's thread.
    ///   - yields: whether other threads of the process go first, see ``WorkAside``; then none runs on this
    ///     thread.
    /// - Throws: the first of the errors; the others had their turn.
    func forEachConfined<Value>(
        inParallel isParallel: Bool, named name: (Value) -> String = { _ in "aside" },
        yields: Bool = false, _ body: (Value) throws -> Void
    ) throws where Element == Confined<Value> {
        guard isParallel, count > 1 || yields else {
            for element in self { try body(element.value) }
            return
        }
        var results: [Result<Void, any Error>] = []
        withoutActuallyEscaping(body) { body in
            // Each element is used by one thread only, which the compiler cannot see.
            let others = dropFirst(yields ? 0 : 1).map { element in
                WorkAside(name(element.value), yields: yields) { try body(element.value) }
            }
            if !yields { results.append(Result { try body(self[0].value) }) }
            for other in others { results.append(Result { try other.wait() }) }
        }
        for result in results { try result.get() }
    }
}

/// One call of a concurrent history.
public struct ConcurrentCall<Input, Output> {
    public var client: Int
    public var input: Input
    /// `nil`: nobody knows what came of it; it may have taken effect or not.
    public var output: Output?
    /// When it was called and when it returned, on one clock that all clients share; an operation
    /// without an output never returned.
    public var called: Int
    public var returned: Int

    public init(client: Int, input: Input, output: Output?, called: Int, returned: Int) {
        self.client = client
        self.input = input
        self.output = output
        self.called = called
        self.returned = output == nil ? .max : returned
    }
}

extension ConcurrentCall: Sendable where Input: Sendable, Output: Sendable {}

/// Whether concurrent calls look as if each had happened at one moment between its call and its return.
///
/// Source: Wing and Gong, "Testing and Verifying Concurrent Objects", 1993; with the memory of Lowe,
/// "Testing for Linearizability", 2017.
public struct LinearizabilityCheck<State: Hashable, Input, Output> {
    private let operations: [ConcurrentCall<Input, Output>]
    private let initial: State
    private let step: (State, Input, Output?) -> State?
    private var dead: Set<Point> = []

    private struct Point: Hashable {
        var done: UInt64
        var state: State
    }

    /// - Parameters:
    ///   - operations: at most 64.
    ///   - step: what the state is after an input that was answered so; `nil`: in this state it is
    ///     never answered so. An output of `nil` means that any answer will do.
    public init(
        _ operations: [ConcurrentCall<Input, Output>], initial: State,
        step: @escaping (State, Input, Output?) -> State?
    ) {
        precondition(operations.count <= 64, "LinearizabilityCheck: at most 64 operations")
        self.operations = operations
        self.initial = initial
        self.step = step
    }

    /// An order, as indexes, in which the calls could have happened one after another; `nil`: none.
    ///
    /// - Complexity: exponential in the calls that overlap, at worst; each pair of calls done and
    ///   state is looked at once.
    public consuming func order() -> [Int]? {
        var order: [Int] = []
        return search(done: 0, state: initial, &order) ? order : nil
    }

    private mutating func search(done: UInt64, state: State, _ order: inout [Int]) -> Bool {
        let open = operations.indices.filter { done & 1 << UInt64($0) == 0 }
        guard open.contains(where: { operations[$0].output != nil }) else { return true }
        let point = Point(done: done, state: state)
        guard !dead.contains(point) else { return false }
        let firstReturn = open.map { operations[$0].returned }.min() ?? .max
        for index in open where operations[index].called < firstReturn {
            let operation = operations[index]
            guard let next = step(state, operation.input, operation.output) else { continue }
            order.append(index)
            if search(done: done | 1 << UInt64(index), state: next, &order) { return true }
            order.removeLast()
        }
        dead.insert(point)
        return false
    }
}

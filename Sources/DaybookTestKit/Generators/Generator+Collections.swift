extension Generator {
    /// A list; loses and reorders elements as it becomes smaller.
    ///
    /// - Parameter count: how many elements; about a third of the way up on average, fewer in early
    ///   cases.
    public func array(count: ClosedRange<Int> = 0...10) -> Generator<[Value]> {
        Generator<[Value]> { choices in
            var elements: [Value] = []
            try choices.repeated(count) { elements.append(try draw(from: choices)) }
            return elements
        }
    }

    /// A list without two elements of the same key. What comes twice is left out.
    public func distinct<Key: Hashable>(
        by key: @escaping (Value) -> Key, count: ClosedRange<Int> = 0...10
    ) -> Generator<[Value]> {
        Generator<[Value]> { choices in
            var keys: Set<Key> = []
            var elements: [Value] = []
            // What comes twice may be the reason for too few, so there are some more attempts.
            let most = count.upperBound + count.lowerBound * 2
            try choices.repeated(count.lowerBound...most) {
                let element = try draw(from: choices)
                if elements.count < count.upperBound, keys.insert(key(element)).inserted {
                    elements.append(element)
                }
            }
            guard elements.count >= count.lowerBound else {
                throw Discard(reason: "too few distinct elements")
            }
            return elements
        }
    }

    /// Any order of the values; theirs is the simplest.
    public static func shuffled<Element>(_ values: [Element]) -> Generator
    where Value == [Element] {
        Generator { choices in
            var rest = values
            var shuffled: [Element] = []
            while !rest.isEmpty { shuffled.append(rest.remove(at: try choices.below(rest.count))) }
            return shuffled
        }
    }

    /// Some of the values, in their order; fewer is simpler.
    public static func some<Element>(of values: [Element]) -> Generator where Value == [Element] {
        Generator { choices in
            try values.filter { _ in try choices.happens(1, in: 2) }
        }
    }
}

extension Generator where Value: Hashable {
    /// A set. Beware of its order, which differs from run to run: sort before anything depends on it.
    public func set(count: ClosedRange<Int> = 0...10) -> Generator<Set<Value>> {
        distinct(by: { $0 }, count: count).map { Set($0) }
    }

    /// A dictionary with these keys. Beware of its order, as with ``set(count:)``.
    public func dictionary<Element>(
        to values: Generator<Element>, count: ClosedRange<Int> = 0...10
    ) -> Generator<[Value: Element]> {
        combine(self, values).distinct(by: { $0.0 }, count: count).map { pairs in
            Dictionary(pairs.map { ($0.0, $0.1) }) { first, _ in first }
        }
    }
}

extension Choices {
    /// Calls `body` as often as the choices say. Each call is a part that can be left out.
    ///
    /// - Parameter count: least and most calls.
    public func repeated(_ count: ClosedRange<Int>, _ body: () throws -> Void) throws {
        let spread = max(1, (count.upperBound - count.lowerBound) * size / 100)
        // About a third of the spread on average: most lists are short, some are long.
        let weights = [1, max(1, spread / 3)]
        for index in 0..<count.upperBound {
            let goesOn = try part {
                if index < count.lowerBound {
                    try force()
                } else if try below(2, .weights(weights)) == 0 {
                    return false
                }
                try body()
                return true
            }
            if !goesOn { return }
        }
    }
}

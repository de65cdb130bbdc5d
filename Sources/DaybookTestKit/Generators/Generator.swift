/// Makes values from choices.
///
/// Values become smaller by themselves: what is made smaller are the choices, so a value that was put
/// together from others, filtered or mapped stays one that the generator could have made.
///
/// A chain begins with the type's name, as in `Generator.integer(in: 1...5).map { … }`: a leading dot
/// alone would have to mean the type that the chain ends with.
///
/// ```swift
/// let loan = Generator { choices in
///     Loan(book: try books.draw(from: choices), days: try days.draw(from: choices))
/// }
/// ```
public struct Generator<Value> {
    private let make: (Choices) throws -> Value

    /// - Parameter make: draws what it needs; the same choices must give the same value. Throws
    ///   ``Discard`` when they give none.
    public init(_ make: @escaping (_ choices: Choices) throws -> Value) {
        self.make = make
    }

    /// The value that the next choices stand for.
    public func draw(from choices: Choices) throws -> Value {
        try choices.part { try make(choices) }
    }

    /// The value of a seed; for a look at what a generator makes.
    public func sample(seed: UInt64) throws -> Value {
        try draw(from: Choices(seed: seed))
    }
}

// MARK: - Putting together

extension Generator {
    /// Always the same value.
    public static func always(_ value: Value) -> Generator {
        Generator { _ in value }
    }

    public func map<Result>(_ transform: @escaping (Value) throws -> Result) -> Generator<Result> {
        Generator<Result> { choices in try transform(draw(from: choices)) }
    }

    public func flatMap<Result>(
        _ transform: @escaping (Value) throws -> Generator<Result>
    ) -> Generator<Result> {
        Generator<Result> { choices in
            try transform(draw(from: choices)).draw(from: choices)
        }
    }

    /// Only values that fit. Tries three times, then gives the case up.
    public func filter(
        _ reason: String = "filtered", _ isIncluded: @escaping (Value) throws -> Bool
    ) -> Generator {
        Generator { choices in
            for _ in 0..<3 {
                let value = try draw(from: choices)
                if try isIncluded(value) { return value }
            }
            throw Discard(reason: reason)
        }
    }

    /// Counts the case under the labels that the value has.
    public func labelled(_ labels: @escaping (Value) -> [String]) -> Generator {
        Generator { choices in
            let value = try draw(from: choices)
            for label in labels(value) { choices.label(label) }
            return value
        }
    }

    /// A value, or `nil` (the simpler one) in every fourth case.
    public var optional: Generator<Value?> {
        Generator<Value?> { choices in
            try choices.happens(3, in: 4) ? draw(from: choices) : nil
        }
    }

    /// One of the values; the first is the simplest.
    public static func oneOf(_ values: [Value]) -> Generator {
        precondition(!values.isEmpty, "Generator: one of nothing")
        return Generator { choices in values[try choices.below(values.count)] }
    }

    /// One of the generators; the first is the simplest.
    public static func oneOf(_ generators: Generator...) -> Generator {
        weighted(generators.map { (1, $0) })
    }

    /// One of the generators, as often as its weight says; the first is the simplest.
    public static func weighted(_ generators: [(weight: Int, generator: Generator)]) -> Generator {
        precondition(!generators.isEmpty, "Generator: one of nothing")
        let weights = generators.map(\.weight)
        return Generator { choices in
            let index = try choices.below(weights.count, .weights(weights))
            return try generators[index].generator.draw(from: choices)
        }
    }
}

extension Generator where Value: CaseIterable {
    /// One of the cases; the first is the simplest.
    public static var anyCase: Generator { oneOf(Array(Value.allCases)) }
}

/// A tuple of what the generators make.
public func combine<each Value>(
    _ generators: repeat Generator<each Value>
) -> Generator<(repeat each Value)> {
    Generator<(repeat each Value)> { choices in
        (repeat try (each generators).draw(from: choices))
    }
}

import DaybookTestKit
import Testing

/// What a failing property's counterexample is made small to.
private func smallest<Value>(
    of generator: Generator<Value>, seed: UInt64, where fails: @escaping (Value) throws -> Bool
) throws -> String {
    var options = PropertyOptions(cases: 5_000, seed: seed, corpus: nil)
    options.discardLimit = 50
    let property = Property("fails", generator) { value in
        try require(try !fails(value))
    }
    let report = property.run(options)
    return try #require(report.counterexample, "\(report)").source
}

@Suite struct `Shrinking` {
    private static let seeds: [UInt64] = Array(1...12)
    private let numbers = Generator<Int>.integer(in: 0...100_000)

    @Test(arguments: seeds)
    func `given a number from a limit on fails, then the limit is left`(seed: UInt64) throws {
        #expect(try smallest(of: numbers, seed: seed) { $0 >= 4_711 } == "4711")
    }

    @Test(arguments: seeds)
    func `given a negative number fails, then the one nearest to zero is left`(seed: UInt64) throws
    {
        let numbers = Generator<Int>.integer(in: -1_000...1_000)
        #expect(try smallest(of: numbers, seed: seed) { $0 <= -37 } == "-37")
    }

    @Test(arguments: seeds)
    func `given a list fails for one element, then only it is left`(seed: UInt64) throws {
        let lists = numbers.array(count: 0...40)
        #expect(try smallest(of: lists, seed: seed) { $0.contains { $0 > 900 } } == "[901]")
    }

    @Test(arguments: seeds)
    func `given a list fails by its sum, then one element carries it`(seed: UInt64) throws {
        let lists = Generator<Int>.integer(in: 0...1_000).array(count: 0...20)
        #expect(try smallest(of: lists, seed: seed) { $0.reduce(0, +) >= 700 } == "[700]")
    }

    @Test(arguments: seeds)
    func `given only an exact sum fails, then the fewest elements carry it`(seed: UInt64) throws {
        let lists = Generator<Int>.integer(in: 1...5).array(count: 0...20)
        #expect(try smallest(of: lists, seed: seed) { $0.reduce(0, +) == 9 } == "[4, 5]")
    }

    @Test(arguments: seeds)
    func `given a list fails by its length, then zeros of that length are left`(seed: UInt64) throws
    {
        let lists = numbers.array(count: 0...30)
        #expect(try smallest(of: lists, seed: seed) { $0.count >= 4 } == "[0, 0, 0, 0]")
    }

    @Test(arguments: seeds)
    func `given a list fails when not in order, then 1 and 0 are left`(seed: UInt64) throws {
        let lists = numbers.array(count: 0...20)
        #expect(try smallest(of: lists, seed: seed) { $0 != $0.sorted() } == "[1, 0]")
    }

    @Test(arguments: seeds)
    func `given a list fails by a duplicate, then two zeros are left`(seed: UInt64) throws {
        let lists = Generator<Int>.integer(in: 0...50).array(count: 0...30)
        let source = try smallest(of: lists, seed: seed) { Set($0).count < $0.count }
        #expect(source == "[0, 0]")
    }

    @Test(arguments: seeds)
    func `given a large duplicate fails, then both are lowered together`(seed: UInt64) throws {
        let lists = Generator<Int>.integer(in: 0...20).array(count: 2...30)
        let source = try smallest(of: lists, seed: seed) { list in
            list.contains { element in
                element > 7 && list.filter { $0 == element }.count > 1
            }
        }
        #expect(source == "[8, 8]")
    }

    @Test(arguments: seeds)
    func `given two numbers fail by their difference, then both go down`(seed: UInt64) throws {
        let pairs = combine(
            Generator<Int>.integer(in: 0...1_000), Generator<Int>.integer(in: 0...1_000))
        #expect(try smallest(of: pairs, seed: seed) { $0.0 > $0.1 + 10 } == "(11, 0)")
    }

    @Test(arguments: seeds)
    func `given lists in a list fail by all elements, then nothing else is left`(seed: UInt64)
        throws
    {
        let lists = Generator<Int>.integer(in: 0...9).array(count: 0...8).array(count: 0...8)
        let source = try smallest(of: lists, seed: seed) { $0.flatMap(\.self).contains(5) }
        #expect(source == "[[5]]")
    }

    @Test(arguments: seeds)
    func `given a count is drawn before its elements, then the list gets shorter still`(
        seed: UInt64
    ) throws {
        let lists = Generator<Int>.integer(in: 0...20).flatMap { count in
            Generator<[Int]> { choices in
                try (0..<count).map { _ in
                    try Generator<Int>.integer(in: 0...99).draw(from: choices)
                }
            }
        }
        #expect(try smallest(of: lists, seed: seed) { $0.contains { $0 >= 50 } } == "[50]")
    }

    @Test(arguments: seeds)
    func `given filtered and mapped values, then what is left could have been made`(
        seed: UInt64
    ) throws {
        let even = numbers.filter { $0 % 2 == 0 }.map { $0 * 10 }
        #expect(try smallest(of: even, seed: seed) { $0 > 123 } == "140")
    }

    @Test(arguments: seeds)
    func `given a text fails by one character, then it alone is left`(seed: UInt64) throws {
        #expect(try smallest(of: .text(), seed: seed) { $0.contains("ß") } == "\"ß\"")
    }

    @Test(arguments: seeds)
    func `given a nested expression fails, then the failing leaf is left`(seed: UInt64) throws {
        let source = try smallest(of: Expression.generator(depth: 6), seed: seed) { expression in
            expression.divisors.contains { $0 == 0 }
        }
        #expect(source == "Expression.divided(.number(0), .number(0))")
    }
}

private indirect enum Expression {
    case number(Int)
    case sum(Expression, Expression)
    case divided(Expression, Expression)

    static func generator(depth: Int) -> Generator<Expression> {
        let number = Generator<Int>.integer(in: 0...9).map { Expression.number($0) }
        guard depth > 0 else { return number }
        return Generator { choices in
            switch try choices.below(3) {
            case 0: return try number.draw(from: choices)
            case 1:
                return .sum(
                    try generator(depth: depth - 1).draw(from: choices),
                    try generator(depth: depth - 1).draw(from: choices))
            default:
                return .divided(
                    try generator(depth: depth - 1).draw(from: choices),
                    try generator(depth: depth - 1).draw(from: choices))
            }
        }
    }

    var divisors: [Int] {
        switch self {
        case .number: return []
        case .sum(let left, let right): return left.divisors + right.divisors
        case .divided(let left, let right):
            return left.divisors + right.divisors + [right.value]
        }
    }

    private var value: Int {
        switch self {
        case .number(let number): return number
        case .sum(let left, let right): return left.value + right.value
        case .divided(let left, let right): return right.value == 0 ? 1 : left.value / right.value
        }
    }
}

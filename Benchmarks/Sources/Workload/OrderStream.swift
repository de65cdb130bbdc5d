/// How much alike the products of the orders are.
public enum Popularity: String, CaseIterable, Sendable {
    /// Every product is as popular as any other.
    case uniform
    /// Ten products take 80 % of the lines.
    case skewed
}

/// One order of the workload: who buys how many of which products.
public struct WorkloadOrder: Hashable, Sendable, CustomStringConvertible {
    public struct Line: Hashable, Sendable {
        public var product: Int
        public var quantity: Int
    }

    public var user: Int
    public var lines: [Line]

    /// `user product*quantity …`, as every program of this folder prints it.
    public var description: String {
        lines.reduce("\(user)") { "\($0) \($1.product)*\($1.quantity)" }
    }
}

/// The orders of the canonical workload: the same for the same seed, for ever.
///
/// 1 to 5 lines, 2.5 in the mean, each of another product, 1 to 3 pieces.
public struct OrderStream: Sendable {
    public static let productCount = 1_000
    public static let userCount = 10_000

    private var numbers: SplitMix64
    private let popularity: Popularity

    public init(seed: UInt64 = 1, popularity: Popularity = .uniform) {
        numbers = SplitMix64(seed: seed)
        self.popularity = popularity
    }

    public mutating func next() -> WorkloadOrder {
        let user = numbers.below(OrderStream.userCount)
        var lines: [WorkloadOrder.Line] = []
        let count = lineCount()
        lines.reserveCapacity(count)
        for _ in 0..<count {
            var product = nextProduct()
            while lines.contains(where: { $0.product == product }) {
                product = (product + 1) % OrderStream.productCount
            }
            lines.append(.init(product: product, quantity: 1 + numbers.below(3)))
        }
        return WorkloadOrder(user: user, lines: lines)
    }

    private mutating func lineCount() -> Int {
        switch numbers.below(100) {
        case ..<25: 1
        case ..<55: 2
        case ..<77: 3
        case ..<93: 4
        default: 5
        }
    }

    private mutating func nextProduct() -> Int {
        switch popularity {
        case .uniform: numbers.below(OrderStream.productCount)
        case .skewed:
            numbers.below(100) < 80
                ? numbers.below(10) : 10 + numbers.below(OrderStream.productCount - 10)
        }
    }
}

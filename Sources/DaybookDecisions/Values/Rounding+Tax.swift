import DaybookCore

extension Rounding {
    /// `net × rate / 10,000`, rounded once.
    ///
    /// The product is formed in 128 bits, so it is exact. `halfUp` takes halves away from zero,
    /// `halfEven` to the even neighbour. `nil` when the result does not fit 64 bits.
    public func tax(onNet net: Int64, at rate: BasisPoints) -> Int64? {
        guard rate != .zero else { return 0 }
        let product = Int128(net) * Int128(rate.rawValue)
        let (quotient, remainder) = product.magnitude.quotientAndRemainder(dividingBy: 10_000)
        let isUp =
            switch self {
            case .halfUp: remainder >= 5_000 && !Mutant.taxRoundedDown.isPlanted
            case .halfEven:
                remainder > 5_000
                    || remainder == 5_000
                        && (quotient & 1 == 1 || Mutant.halfEvenRoundedUp.isPlanted)
            }
        let rounded = Int128(quotient) + (isUp ? 1 : 0)
        return Int64(exactly: product < 0 ? -rounded : rounded)
    }
}

import DaybookDecisions
import Testing

@Suite struct `Amounts of money` {
    private let kwd = Currency("KWD") ?? gbp

    @Test func `S-008 D-25 given an amount in text, when read, then it is exact in minor units`() {
        #expect(Money(text: "19.99", currency: gbp)?.minor == 1999)
        #expect(Money(text: "-0.05", currency: gbp)?.minor == -5)
        #expect(Money(text: "+7", currency: gbp)?.minor == 700)
        #expect(Money(text: "7.5", currency: gbp)?.minor == 750)
        #expect(Money(text: "1250", currency: jpy)?.minor == 1250)
        #expect(Money(text: "1.234", currency: kwd)?.minor == 1234)
    }

    @Test(arguments: [
        "0.015", "1.", ".5", "", "-", "1,000.00", "1e3", " 1", "1 ", "0x10", "--1", "1.2.3", "١",
        "92233720368547758.08",
    ])
    func `D-25 given excess digits or no amount, when read, then it is refused and never rounded`(
        text: String
    ) {
        #expect(Money(text: text, currency: gbp) == nil)
    }

    @Test func `given a currency without decimals, when decimals are read, then they are refused`()
    {
        #expect(Money(text: "1.0", currency: jpy) == nil)
        #expect(Money(text: "1.2345", currency: kwd) == nil)
    }

    @Test func `given amounts, when written, then with the decimals of their currency`() {
        #expect(Money(minor: 1234, currency: gbp).formatted == "12.34")
        #expect(Money(minor: -5, currency: gbp).formatted == "-0.05")
        #expect(Money(minor: 0, currency: gbp).formatted == "0.00")
        #expect(Money(minor: 1250, currency: jpy).formatted == "1250")
        #expect(Money(minor: 7, currency: kwd).formatted == "0.007")
        #expect(Money(minor: .min, currency: gbp).formatted == "-92233720368547758.08")
        #expect(Money(minor: 1998, currency: gbp).description == "19.98 GBP")
    }

    @Test func `given two currencies or too large amounts, when added, then there is no sum`() {
        #expect(pounds("1.00").adding(pounds("2.50")) == pounds("3.50"))
        #expect(pounds("1.00").subtracting(pounds("2.50")) == pounds("-1.50"))
        #expect(pounds("1.00").adding(Money(minor: 1, currency: jpy)) == nil)
        #expect(pounds("1.00").subtracting(Money(minor: 1, currency: jpy)) == nil)
        #expect(Money(minor: .max, currency: gbp).adding(pounds("0.01")) == nil)
        #expect(Money(minor: .min, currency: gbp).subtracting(pounds("0.01")) == nil)
        #expect(pounds("1.00").multiplied(by: quantity(3)) == pounds("3.00"))
        #expect(Money(minor: .max, currency: gbp).multiplied(by: 2) == nil)
    }

    @Test func `given codes, then those of ISO 4217 are currencies with their exponent`() {
        #expect(Currency("GBP")?.exponent == 2)
        #expect(Currency("JPY")?.exponent == 0)
        #expect(Currency("KWD")?.exponent == 3)
        #expect(Currency("EUR")?.rawValue == "EUR")
        for text in ["ABC", "gbp", "GB", "GBPX", "CLF", "XAU", "", "£"] {
            #expect(Currency(text) == nil)
        }
    }

    @Test func `S-105 given a net of 9.99, then the total with tax is 10,989 / 10 minor units`() {
        let total = TotalWithTax(net: pounds("9.99"))
        #expect(total.numerator == 10_989)
        #expect(total.denominator == 10)
        #expect(total.description == "10.989")
        #expect(TotalWithTax(net: Money(minor: -1, currency: jpy)).description == "-1.1")
        #expect(
            TotalWithTax(net: Money(minor: .min, currency: gbp)).description
                == "-101457092405402533.888")
        #expect(
            TotalWithTax(net: Money(minor: .max, currency: gbp)).numerator
                == Int128(Int64.max) * 11)
    }

    @Test
    func `P-18 given any amount of 0, 2 or 3 decimals, when written and read, then it is the same`()
    {
        for seed in Seed.runs(300) {
            var random = SeededGenerator(seed: seed)
            let money = Money(
                minor: Int64(bitPattern: random.next()) >> Int64(random.int(0...60)),
                currency: random.pick([gbp, jpy, kwd]))
            #expect(Money(text: money.formatted, currency: money.currency) == money, "seed \(seed)")
        }
    }

    @Test func `P-17 given extremes, when calculated with, then exact or overflow, never a trap`() {
        let extremes: [Int64] = [.min, .min + 1, -1, 0, 1, .max - 1, .max]
        for left in extremes {
            for right in extremes {
                let one = Money(minor: left, currency: gbp)
                let other = Money(minor: right, currency: gbp)
                #expect(
                    one.adding(other)?.minor == Int64(exactly: Int128(left) + Int128(right)))
                #expect(
                    one.subtracting(other)?.minor == Int64(exactly: Int128(left) - Int128(right)))
                #expect(
                    one.multiplied(by: right)?.minor == Int64(exactly: Int128(left) * Int128(right))
                )
            }
            for rate in [BasisPoints.range.lowerBound, 1, 10_000, BasisPoints.range.upperBound] {
                let rate = BasisPoints(rawValue: rate) ?? .zero
                for rounding in Rounding.allCases {
                    let exact = Int128(left) * Int128(rate.rawValue)
                    let tax = rounding.tax(onNet: left, at: rate)
                    #expect((tax == nil) == (Int64(exactly: exact / 10_000) == nil))
                }
            }
        }
    }
}

@Suite struct `Tax` {
    private func tax(_ net: Int64, _ rate: Int32, _ rounding: Rounding) -> Int64? {
        rounding.tax(onNet: net, at: BasisPoints(rawValue: rate) ?? .zero)
    }

    @Test func `D-26 given halves, when rounded, then up or to even as the rule says`() {
        #expect(tax(15, 1_000, .halfUp) == 2)
        #expect(tax(25, 1_000, .halfUp) == 3)
        #expect(tax(15, 1_000, .halfEven) == 2)
        #expect(tax(25, 1_000, .halfEven) == 2)
        #expect(tax(-25, 1_000, .halfUp) == -3)
        #expect(tax(-25, 1_000, .halfEven) == -2)
        #expect(tax(999, 1_000, .halfUp) == 100)
        #expect(tax(999, 0, .halfUp) == 0)
        #expect(tax(1, 100_000, .halfUp) == 10)
    }

    @Test
    func
        `P-11 given any net, then tax is monotone and within half a minor unit, and 10 % is exactly a tenth`()
    {
        for seed in Seed.runs(400) {
            var random = SeededGenerator(seed: seed)
            let net = Int64(random.int(0...1_000_000_000))
            let rate = Int32(random.int(0...100_000))
            let rounding = random.pick(Rounding.allCases)
            guard let low = tax(net, rate, rounding), let high = tax(net + 1, rate, rounding) else {
                Issue.record("overflow, seed \(seed)")
                continue
            }
            #expect(low <= high, "seed \(seed)")
            let error = Int128(low) * 10_000 - Int128(net) * Int128(rate)
            #expect(abs(error) <= 5_000, "seed \(seed)")
            #expect(
                TotalWithTax(net: Money(minor: net, currency: gbp)).numerator == Int128(net) * 11,
                "seed \(seed)")
        }
    }
}

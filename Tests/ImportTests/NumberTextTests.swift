import Testing

@testable import daybook

@Suite struct `Numbers of an order history` {
    private func pennies(_ text: String) -> Result<Int64, RejectReason> {
        Array(text.utf8).withUnsafeBytes { NumberText.pennies($0) }
    }

    private func integer(_ text: String) -> Int64? {
        Array(text.utf8).withUnsafeBytes { NumberText.integer($0) }
    }

    @Test(
        arguments: [
            ("7.95", 795), ("0.0", 0), ("2.1", 210), ("12", 1200), ("0.29", 29),
            ("38970.0", 3_897_000),
            ("1.50000", 150), ("-11062.06", -1_106_206), ("100000000000", 10_000_000_000_000),
        ] as [(String, Int64)])
    func `given decimal text, when read as a price, then it is exact pennies`(
        text: String, minor: Int64
    ) {
        #expect(pennies(text) == .success(minor))
    }

    @Test(
        arguments: [
            ("0.001", .fractionOfAPenny), ("1.999", .fractionOfAPenny),
            ("0.0100001", .fractionOfAPenny),
            ("", .unreadablePrice), (".5", .unreadablePrice), ("5.", .unreadablePrice),
            ("1,5", .unreadablePrice), ("£1", .unreadablePrice), ("1e3", .unreadablePrice),
            (" 1", .unreadablePrice), ("--1", .unreadablePrice), ("+1", .unreadablePrice),
            ("1.2.3", .unreadablePrice), ("99999999999999999999", .unreadablePrice),
            ("92233720368547758.07", .priceTooLarge), ("100000000000.01", .priceTooLarge),
            ("92233720368547759", .priceTooLarge),
        ] as [(String, RejectReason)])
    func `given anything else, when read as a price, then the reason is told`(
        text: String, reason: RejectReason
    ) {
        #expect(pennies(text) == .failure(reason))
    }

    @Test func `given text, when read as a quantity, then only whole numbers pass`() {
        #expect(integer("6") == 6)
        #expect(integer("-74215") == -74_215)
        #expect(integer("9223372036854775807") == .max)
        for text in ["", "-", "1.0", "1e3", " 1", "9223372036854775808", "six", "1-"] {
            #expect(integer(text) == nil, "\(text)")
        }
    }
}

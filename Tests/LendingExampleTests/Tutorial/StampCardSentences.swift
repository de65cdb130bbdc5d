import DaybookTestKit
import Testing

@Suite struct `Coffee bar` {
    @Test func `given ten coffees, when the card is redeemed, then one is free`() throws {
        try given(CoffeeBar.self, .bought(coffees: 10)).when(.redeem).then(.redeemed)
    }

    @Test func `given one coffee, when the card is redeemed, then there are too few stamps`() throws
    {
        try given(CoffeeBar.self, .bought(coffees: 1)).when(.redeem).thenRejected(.tooFewStamps)
    }
}

import DaybookTestKit

/// How the bar is put to work: mostly coffees, now and then a free one.
var coffeeBar: Workload<CoffeeBar> {
    let buy = Generator.integer(in: 1...5).map { StampCommand.buy(coffees: $0) }
    return Workload { _ in .weighted([(3, buy), (1, .always(.redeem))]) }
}

/// What must be true after every event.
let tenForOne = Invariant<StampCard>("ten coffees are paid for each free one") { card in
    card.paid >= 10 * card.free
}

func everyFreeCoffeeIsEarned(_ options: PropertyOptions = .standard) throws {
    try Law.everyPrefix(of: coffeeBar, keeps: [tenForOne]).check(options)
}

import DaybookCore

enum StampCommand { case buy(coffees: Int), redeem }
enum StampEvent: Equatable { case bought(coffees: Int), redeemed }
enum StampRejection: Error, Equatable { case tooFewStamps }

struct StampCard: Equatable {
    var stamps = 0
    var paid = 0
    var free = 0
}

/// Ten coffees paid, one free.
enum CoffeeBar: Decider {
    static var initial: StampCard { StampCard() }

    static func evolve(_ card: inout StampCard, with event: StampEvent) {
        switch event {
        case .bought(let coffees):
            card.stamps += coffees
            card.paid += coffees
        case .redeemed:
            card.stamps = max(0, card.stamps - 10)
            card.free += 1
        }
    }

    static func decide(
        _ command: StampCommand, given card: StampCard, in _: inout Void
    ) throws(StampRejection) -> [StampEvent] {
        switch command {
        case .buy(let coffees): return [.bought(coffees: coffees)]
        case .redeem:
            guard card.stamps >= 9 else { throw .tooFewStamps }
            return [.redeemed]
        }
    }
}

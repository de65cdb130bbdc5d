/// A product as the next decision needs it.
package struct ProductState: Hashable, Sendable {
    package let sku: SKU
    package internal(set) var name: String
    package internal(set) var price: Money
    /// `false` for postage and services: never reserved, no stock figures.
    package let isStocked: Bool
    package internal(set) var isOnSale: Bool
    /// In the order in which locations are drawn on.
    package internal(set) var stock: [StockFigures] = []

    package var onHand: Int64 { stock.reduce(0) { $0 + $1.onHand } }
    package var reserved: Int64 { stock.reduce(0) { $0 + $1.reserved } }
    /// Over all locations; the reference's one stock figure.
    package var available: Int64 { stock.reduce(0) { $0 + $1.available } }

    /// The figures at a location; zeros where nothing ever was.
    package func figures(at location: LocationID) -> StockFigures {
        stock.first { $0.location == location }
            ?? StockFigures(location: location, onHand: 0, reserved: 0)
    }

    /// Changes the figures at a location. Facts are not judged here, so sums that would overflow wrap
    /// instead of stopping a replay; `violations` reports what cannot be.
    mutating func change(at location: LocationID, onHand: Int64 = 0, reserved: Int64 = 0) {
        let slot: Int
        if let known = stock.firstIndex(where: { $0.location == location }) {
            slot = known
        } else {
            slot =
                stock.firstIndex { StockFigures.isDrawnOn(location, before: $0.location) }
                ?? stock.endIndex
            stock.insert(StockFigures(location: location, onHand: 0, reserved: 0), at: slot)
        }
        stock[slot].onHand &+= onHand
        stock[slot].reserved &+= reserved
    }
}

import ArgumentParser
import DaybookCore
import DaybookDecisions

/// `SKU=QUANTITY` or `SKU=QUANTITY@PRICE`, for example `85123A=6` or `85123A=6@2.55GBP`.
///
/// The last `=` separates, since a SKU may contain one.
struct ItemArgument: Hashable, Sendable, ExpressibleByArgument {
    var item: OrderItem

    init?(argument: String) {
        guard let separator = argument.lastIndex(of: "="), separator != argument.startIndex else {
            return nil
        }
        let sku = String(argument[..<separator])
        let rest = argument[argument.index(after: separator)...]
            .split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = rest.first, let quantity = Int(first) else { return nil }
        var price: Money?
        if rest.count == 2 {
            guard let given = Money(argument: String(rest[1])) else { return nil }
            price = given
        }
        item = OrderItem(sku: sku, quantity: quantity, unitPrice: price)
    }
}

/// `LINE=QUANTITY`, for example `1=2`; `LINE=RECEIVED:DAMAGED` where goods come back.
struct LineArgument: Hashable, Sendable, ExpressibleByArgument {
    var lineNumber: Int
    var quantity: Int
    /// Of these units.
    var damaged: Int

    init?(argument: String) {
        let sides = argument.split(separator: "=", omittingEmptySubsequences: false)
        guard sides.count == 2, let lineNumber = Int(sides[0]) else { return nil }
        let numbers = sides[1].split(separator: ":", omittingEmptySubsequences: false)
        guard (1...2).contains(numbers.count), let quantity = Int(numbers[0]) else { return nil }
        self.lineNumber = lineNumber
        self.quantity = quantity
        guard numbers.count == 2 else {
            damaged = 0
            return
        }
        guard let damaged = Int(numbers[1]) else { return nil }
        self.damaged = damaged
    }
}

/// An order by its identifier (`ord_…`) or by its number (`17`).
enum OrderReference: Hashable, Sendable, ExpressibleByArgument, CustomStringConvertible {
    case id(OrderID)
    case number(UInt64)

    init?(argument: String) {
        if let id = OrderID(argument) {
            self = .id(id)
        } else if let number = UInt64(argument), number > 0 {
            self = .number(number)
        } else {
            return nil
        }
    }

    var description: String {
        switch self {
        case .id(let id): id.description
        case .number(let number): String(number)
        }
    }
}

public import ArgumentParser
public import DaybookCore
public import DaybookDecisions

extension Instant: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}

extension OrderID: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}

extension UserID: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}

extension PaymentID: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}

extension ReturnID: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}

extension LogPosition: ExpressibleByArgument {
    /// From 1.
    public init?(argument: String) {
        guard let number = UInt64(argument), number > 0 else { return nil }
        self.init(rawValue: number)
    }
}

extension Tag: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}

extension EventType: ExpressibleByArgument {
    public init?(argument: String) {
        guard !argument.isEmpty else { return nil }
        self.init(rawValue: argument)
    }
}

extension Actor: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}

extension IdempotencyKey: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}

extension LocationID: ExpressibleByArgument {
    public init?(argument: String) { self.init(rawValue: argument) }
}

extension Currency: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}

extension OrderStatus: ExpressibleByArgument {}

extension CaptureMode: ExpressibleByArgument {
    public init?(argument: String) {
        guard let mode = CaptureMode.allCases.first(where: { $0.name == argument }) else {
            return nil
        }
        self = mode
    }

    public static var allValueStrings: [String] { allCases.map(\.name) }
    public var defaultValueDescription: String { name }
}

extension Money: ExpressibleByArgument {
    /// `9.99 GBP`, `9.99GBP` or `GBP 9.99`.
    public init?(argument: String) {
        let letters = argument.filter(\.isLetter)
        guard let currency = Currency(letters) else { return nil }
        var amount = Substring(argument)
        if amount.hasSuffix(letters) {
            amount = amount.dropLast(letters.count)
        } else if amount.hasPrefix(letters) {
            amount = amount.dropFirst(letters.count)
        } else {
            return nil
        }
        self.init(text: amount.filter { $0 != " " }, currency: currency)
    }
}

extension SKU: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}

import DaybookCore

@testable import daybook

/// Builds order histories for tests from lines of text.
enum HistoryText {
    static let header = OrderHistory.columns.joined(separator: ",")

    /// Reads rows without their header.
    static func history(_ rows: [String]) throws -> OrderHistory {
        try history(text: ([header] + rows).joined(separator: "\n") + "\n")
    }

    static func history(text: String) throws -> OrderHistory {
        try OrderHistoryReader.read(source: ChunkedText(text).read)
    }

    /// One row; the date counts minutes so that invoices have different times.
    static func row(
        _ invoice: String, _ code: String, _ quantity: Int, _ price: String = "1.00",
        customer: String = "17850", minute: Int = 0, description: String = "THING"
    ) -> String {
        let time = Instant(microseconds: Int64(minute) * 60_000_000 + 1_291_191_960_000_000)
        return "\(invoice),\(code),\(description),\(quantity),\(time),\(price),\(customer),Norway"
    }
}

extension OrderHistory {
    /// All plans, nothing refused.
    func plans() -> [InvoicePlan] {
        var planner = InvoicePlanner(self)
        return invoices.indices.map { planner.plan($0) }
    }
}

import DaybookCore

/// What one invoice of a history asks for; pure data, nothing has been asked yet.
struct InvoicePlan {
    struct Adjustment: Hashable {
        /// Index into the history's rows.
        var row: Int
        var product: Int32
        var delta: Int64
    }

    /// An order line; its number is its place in the list, from 1.
    struct Line: Hashable {
        var row: Int
        var product: Int32
        var quantity: Int64
        var unitPriceMinor: Int64
    }

    struct Return: Hashable {
        var row: Int
        var product: Int32
        var customer: Int32
        /// The parts of earlier order lines that it is made of.
        var lots: [ReturnLedger.Lot]
    }

    struct Reject: Hashable {
        var row: Int
        var reason: RejectReason
    }

    /// A change of a product's stock, in the order of the rows.
    struct Movement: Hashable {
        var product: Int32
        var delta: Int64
    }

    /// Index into the history's invoices.
    var invoice: Int
    var key: String
    var time: Instant
    /// Who ordered; -1 where there is no line.
    var customer: Int32 = -1
    var adjustments: [Adjustment] = []
    var lines: [Line] = []
    var returns: [Return] = []
    var rejects: [Reject] = []
    var movements: [Movement] = []

    /// Whether there is nothing to record.
    var isEmpty: Bool { adjustments.isEmpty && lines.isEmpty && returns.isEmpty }

    /// The rows that are to be recorded, in no particular order.
    var acceptedRows: [Int] {
        adjustments.map(\.row) + lines.map(\.row) + returns.map(\.row)
    }

    /// The latest order that is touched by a return.
    var latestInvoiceTouched: Int? { returns.lazy.compactMap { $0.lots.first?.invoice }.max() }

    /// What is asked of one order by the returns of a credit note.
    struct OrderReturn: Hashable {
        struct Line: Hashable {
            var lineNumber: Int32
            var quantity: Int64
        }

        /// Index of the invoice that became the order.
        var invoice: Int
        /// By line number, each once.
        var lines: [Line]
        /// At the prices paid.
        var refundMinor: Int64
    }

    /// The returns by order, the orders in the order in which the rows touch them.
    var orderReturns: [OrderReturn] {
        var result: [OrderReturn] = []
        var places: [Int: Int] = [:]
        for lot in returns.lazy.flatMap(\.lots) {
            let place = places[lot.invoice] ?? result.count
            if place == result.count {
                places[lot.invoice] = place
                result.append(OrderReturn(invoice: lot.invoice, lines: [], refundMinor: 0))
            }
            result[place].refundMinor &+= lot.quantity * lot.unitPriceMinor
            let lineIndex = result[place].lines.firstIndex { $0.lineNumber == lot.lineNumber }
            if let lineIndex {
                result[place].lines[lineIndex].quantity += lot.quantity
            } else {
                result[place].lines.append(
                    OrderReturn.Line(lineNumber: lot.lineNumber, quantity: lot.quantity))
            }
        }
        for place in result.indices {
            result[place].lines.sort { $0.lineNumber < $1.lineNumber }
        }
        return result
    }
}

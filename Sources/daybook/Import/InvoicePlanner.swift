import DaybookCore
import DaybookDecisions

/// Turns the invoices of a history into plans, one after another, by the rules of the import.
///
/// Pure: the plan of an invoice depends on the history, and on which of the plans before it were
/// refused. Each row of an invoice gets exactly one place in its plan.
struct InvoicePlanner {
    /// The domain knows no larger stock correction.
    static let adjustmentLimit: Int64 = 1_000_000_000

    let history: OrderHistory
    private var ledger: ReturnLedger

    /// - Complexity: O(*n*) in the rows of credit notes.
    init(_ history: OrderHistory) {
        self.history = history
        var wanted: Set<ReturnLedger.Key> = []
        for invoice in history.invoices where invoice.isCreditNote {
            for row in history.rows[invoice.rows] {
                wanted.insert(ReturnLedger.Key(customer: row.customer, product: row.product))
            }
        }
        ledger = ReturnLedger(wanted: wanted)
    }

    /// Plans the invoice with this index; to be called in ascending order.
    mutating func plan(_ index: Int) -> InvoicePlan {
        let invoice = history.invoices[index]
        // Without a readable time every row has a flaw, and the time is never used.
        let time = invoice.time ?? Instant(microseconds: 0)
        var plan = InvoicePlan(invoice: index, key: invoice.key, time: time)
        for rowIndex in invoice.rows {
            do throws(RejectReason) {
                try place(rowIndex, of: invoice, in: &plan)
            } catch {
                plan.rejects.append(InvoicePlan.Reject(row: rowIndex, reason: error))
            }
        }
        for (lineIndex, line) in plan.lines.enumerated() {
            ledger.sold(
                ReturnLedger.Lot(
                    invoice: index, lineNumber: Int32(lineIndex + 1), quantity: line.quantity,
                    unitPriceMinor: line.unitPriceMinor),
                customer: plan.customer, product: line.product)
        }
        return plan
    }

    private mutating func place(
        _ rowIndex: Int, of invoice: OrderHistory.Invoice, in plan: inout InvoicePlan
    ) throws(RejectReason) {
        let row = history.rows[rowIndex]
        if let flaw = row.flaw { throw flaw }
        let isStocked = history.products[Int(row.product)].isStocked
        let isAnonymous = history.customers[Int(row.customer)] == nil
        if row.priceMinor == 0, isAnonymous {
            guard isStocked else { throw .adjustmentWithoutStock }
            guard row.quantity != 0 else { throw .adjustmentOfZero }
            guard row.quantity.magnitude <= InvoicePlanner.adjustmentLimit else {
                throw .adjustmentTooLarge
            }
            plan.adjustments.append(
                InvoicePlan.Adjustment(row: rowIndex, product: row.product, delta: row.quantity))
            plan.movements.append(
                InvoicePlan.Movement(product: row.product, delta: row.quantity))
        } else if invoice.isCreditNote {
            try placeReturn(row, at: rowIndex, isStocked: isStocked, in: &plan)
        } else {
            guard row.quantity >= 1 else { throw .quantityBelowOne }
            guard row.quantity <= Quantity.range.upperBound else { throw .quantityTooLarge }
            guard plan.customer < 0 || plan.customer == row.customer else { throw .anotherCustomer }
            plan.customer = row.customer
            plan.lines.append(
                InvoicePlan.Line(
                    row: rowIndex, product: row.product, quantity: row.quantity,
                    unitPriceMinor: row.priceMinor))
            guard isStocked else { return }
            plan.movements.append(
                InvoicePlan.Movement(product: row.product, delta: -row.quantity))
        }
    }

    private mutating func placeReturn(
        _ row: OrderHistory.Row, at rowIndex: Int, isStocked: Bool, in plan: inout InvoicePlan
    ) throws(RejectReason) {
        guard row.quantity < 0, row.quantity != .min else { throw .creditNotNegative }
        let lots: [ReturnLedger.Lot]
        do throws(ReturnLedger.Shortage) {
            lots = try ledger.take(-row.quantity, customer: row.customer, product: row.product)
        } catch {
            throw error == .nothingBought ? .nothingBought : .notEnoughUnits
        }
        plan.returns.append(
            InvoicePlan.Return(
                row: rowIndex, product: row.product, customer: row.customer, lots: lots))
        guard isStocked else { return }
        plan.movements.append(InvoicePlan.Movement(product: row.product, delta: -row.quantity))
    }

    /// Takes a plan back that was refused, or that has to be made again later.
    mutating func undo(_ plan: InvoicePlan) {
        for line in plan.lines {
            ledger.forget(invoice: plan.invoice, customer: plan.customer, product: line.product)
        }
        for taken in plan.returns {
            ledger.putBack(taken.lots, customer: taken.customer, product: taken.product)
        }
    }
}

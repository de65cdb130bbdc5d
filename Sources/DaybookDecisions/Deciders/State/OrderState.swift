package import DaybookCore

/// An order as the next decision needs it, folded from the events that carry its tag and nothing else.
package struct OrderState: Hashable, Sendable {
    package let id: OrderID
    package let number: UInt64
    package let userID: UserID
    package let currency: Currency
    package let netMinor: Int64
    package let taxMinor: Int64
    package let payableMinor: Int64
    package let captureMode: CaptureMode
    /// History that happened elsewhere; nobody is mailed about it.
    package let isImported: Bool
    package let placedAt: Instant
    package let expiresAt: Instant?

    package internal(set) var lines: [LineState]
    /// By line number, then in the order in which they were made.
    package internal(set) var reservations: [LineReservation] = []
    package internal(set) var returns: [ReturnState] = []
    /// `nil` while nothing was to be paid.
    package internal(set) var payment: PaymentAccount?
    package internal(set) var closure = Closure.open
    package internal(set) var isProcessing = false
    package internal(set) var isConfirmationRequested = false
    /// The last event of this order.
    package internal(set) var lastPosition: LogPosition

    package let orderedUnits: Int64
    package internal(set) var shippedUnits: Int64 = 0
    package internal(set) var returnedUnits: Int64 = 0
    /// Kept and neither released nor sent.
    package internal(set) var reservedUnits: Int64 = 0

    package init(_ event: OrderPlaced, at position: LogPosition, recordedAt: Instant) {
        id = event.orderID
        number = event.orderNumber
        userID = event.userID
        currency = event.currency
        netMinor = event.netMinor
        taxMinor = event.taxMinor
        payableMinor = event.payableMinor
        captureMode = event.captureMode
        isImported = event.origin == .imported
        placedAt = recordedAt
        expiresAt = event.expiresAt
        lastPosition = position
        lines = event.lines.map {
            LineState(sku: $0.sku, quantity: $0.quantity.rawValue, isUnstocked: $0.unstocked)
        }
        orderedUnits = event.lines.reduce(0) { $0 + Int64($1.quantity.rawValue) }
    }
}

// MARK: - Derived

extension OrderState {
    package var payable: Money { Money(minor: payableMinor, currency: currency) }
    package var net: Money { Money(minor: netMinor, currency: currency) }
    package var tax: Money { Money(minor: taxMinor, currency: currency) }

    package var fulfilment: FulfilmentState {
        FulfilmentState(ordered: orderedUnits, shipped: shippedUnits, returned: returnedUnits)
    }

    package var paymentState: PaymentState { payment?.state ?? .none }

    /// Captured ≥ payable; money that came too late or in a wrong amount does not count.
    package var isPaid: Bool { (payment?.capturedMinor ?? 0) >= payableMinor }

    /// The public word for the order: a function of the axes only (P-14).
    package var status: OrderStatus {
        OrderStatus(
            closure: closure, fulfilment: fulfilment, isProcessing: isProcessing,
            isDeclined: isDeclined, isPaid: isPaid, isFullyShipped: shippedUnits == orderedUnits)
    }

    /// The last attempt was declined and none is in flight.
    package var isDeclined: Bool { payment?.charge == .declined }

    package var isHeld: Bool { payment?.isHeld == true }

    /// Whether a call to the gateway has no outcome yet.
    package var hasPaymentIntent: Bool { payment?.hasIntent(captureMode) == true }

    /// Whether nothing is left to decide about the order unless somebody asks for something late: then
    /// it leaves the table of open orders, and a late command loads it from the log.
    package var isSettled: Bool {
        guard reservedUnits == 0, !hasPaymentIntent else { return false }
        return closure != .open || isDeclined || shippedUnits == orderedUnits && isPaid
    }

    /// Whether nothing about the open order is asked for or can fall due, so that timers and starts need
    /// not look at it.
    var isQuiet: Bool { !hasPaymentIntent && !canExpire }

    /// Whether the deadline has passed and no money is here or may still come.
    package func isDueToExpire(at now: Instant) -> Bool {
        let late: Int64 = Mutant.dueOneSecondLate.isPlanted ? 1 : 0
        guard let expiresAt, expiresAt.advanced(bySeconds: late) <= now else { return false }
        return canExpire
    }

    /// Whether it could expire if its deadline had passed.
    package var canExpire: Bool {
        guard closure == .open, !isPaid, !isDeclined, shippedUnits == 0, let payment else {
            return false
        }
        return !payment.isChargeInFlight(captureMode) && payment.capture == nil
            && payment.receivedMinor == 0 && !payment.isHeld
    }

    /// Units of a line that came back or are announced to.
    package func announcedReturns(ofLine lineNumber: Int32) -> Int32 {
        var units = lines[Int(lineNumber) - 1].returned
        for announced in returns where !announced.isReceived {
            for line in announced.lines where line.lineNumber == lineNumber {
                units += line.quantity.rawValue
            }
        }
        return units
    }

    /// Every reservation that is still kept, as the lines of a stock event.
    var keptLines: [StockLine] {
        reservations.compactMap { reservation in
            Quantity(rawValue: reservation.remaining).map {
                stockLine(of: reservation, quantity: $0)
            }
        }
    }

    func stockLine(of reservation: LineReservation, quantity: Quantity) -> StockLine {
        StockLine(
            lineNumber: reservation.lineNumber,
            sku: lines[Int(reservation.lineNumber) - 1].sku, location: reservation.location,
            quantity: quantity)
    }

    /// The reservations of one line; they are adjacent.
    func reservationRange(ofLine lineNumber: Int32) -> Range<Int> {
        let lower = reservations.partitioningIndex { $0.lineNumber >= lineNumber }
        var upper = lower
        while upper < reservations.count, reservations[upper].lineNumber == lineNumber {
            upper += 1
        }
        return lower..<upper
    }
}

extension Array {
    /// The first index whose element belongs to the second half, for elements in two halves.
    func partitioningIndex(where belongsInSecondHalf: (Element) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = low + (high - low) / 2
            if belongsInSecondHalf(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

package import DaybookCore

/// An order as the next decision needs it, folded from the events that carry its tag and nothing else.
///
/// One reference: looking at an order, or keeping it before it changes, copies nothing.
package struct OrderState: Hashable, Sendable {
    var fields: CopyOnWrite<OrderFields>

    init(_ fields: OrderFields) {
        self.fields = CopyOnWrite(fields)
    }

    package init(_ event: OrderPlaced, at position: LogPosition, recordedAt: Instant) {
        self.init(OrderFields(event, at: position, recordedAt: recordedAt))
    }

    package static func == (left: OrderState, right: OrderState) -> Bool {
        left.fields.value == right.fields.value
    }

    package func hash(into hasher: inout Hasher) {
        fields.value.hash(into: &hasher)
    }
}

// MARK: - Fields

extension OrderState {
    package var id: OrderID { fields.value.id }
    package var number: UInt64 { fields.value.number }
    package var userID: UserID { fields.value.userID }
    package var currency: Currency { fields.value.currency }
    package var netMinor: Int64 { fields.value.netMinor }
    package var taxMinor: Int64 { fields.value.taxMinor }
    package var payableMinor: Int64 { fields.value.payableMinor }
    package var captureMode: CaptureMode { fields.value.captureMode }
    /// History that happened elsewhere; nobody is mailed about it.
    package var isImported: Bool { fields.value.isImported }
    package var placedAt: Instant { fields.value.placedAt }
    package var expiresAt: Instant? { fields.value.expiresAt }
    package internal(set) var lines: [LineState] {
        _read { yield fields.value.lines }
        _modify { yield &fields.value.lines }
    }
    /// By line number, then in the order in which they were made.
    package internal(set) var reservations: [LineReservation] {
        _read { yield fields.value.reservations }
        _modify { yield &fields.value.reservations }
    }
    package internal(set) var returns: [ReturnState] {
        _read { yield fields.value.returns }
        _modify { yield &fields.value.returns }
    }
    /// `nil` while nothing was to be paid.
    package internal(set) var payment: PaymentAccount? {
        _read { yield fields.value.payment }
        _modify { yield &fields.value.payment }
    }
    package internal(set) var closure: Closure {
        _read { yield fields.value.closure }
        _modify { yield &fields.value.closure }
    }
    package internal(set) var isProcessing: Bool {
        _read { yield fields.value.isProcessing }
        _modify { yield &fields.value.isProcessing }
    }
    package internal(set) var isConfirmationRequested: Bool {
        _read { yield fields.value.isConfirmationRequested }
        _modify { yield &fields.value.isConfirmationRequested }
    }
    /// The last event of this order.
    package internal(set) var lastPosition: LogPosition {
        _read { yield fields.value.lastPosition }
        _modify { yield &fields.value.lastPosition }
    }
    package var orderedUnits: Int64 { fields.value.orderedUnits }
    package internal(set) var shippedUnits: Int64 {
        _read { yield fields.value.shippedUnits }
        _modify { yield &fields.value.shippedUnits }
    }
    package internal(set) var returnedUnits: Int64 {
        _read { yield fields.value.returnedUnits }
        _modify { yield &fields.value.returnedUnits }
    }
    /// Kept and neither released nor sent.
    package internal(set) var reservedUnits: Int64 {
        _read { yield fields.value.reservedUnits }
        _modify { yield &fields.value.reservedUnits }
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

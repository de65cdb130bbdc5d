import DaybookCore

extension OrderState {
    /// Folds an event of this order. Total: what does not fit the state changes nothing.
    mutating func apply(_ event: Event, at position: LogPosition) {
        lastPosition = max(lastPosition, position)
        switch event {
        case .processingStarted: isProcessing = true
        case .orderCancelled: closure = .cancelled
        case .orderExpired: closure = .expired
        case .shipmentDispatched(let event): ship(event)
        case .returnRequested(let event):
            returns.append(ReturnState(id: event.returnID, lines: event.lines))
        case .returnReceived(let event): receive(event)
        case .stockReserved(let event):
            reservations.reserveCapacity(event.lines.count)
            for line in event.lines { reserve(line) }
        case .stockReleased(let event):
            for line in event.lines { move(line, releasing: line.quantity.rawValue) }
        case .stockShipped(let event):
            for line in event.lines { move(line, shipping: line.quantity.rawValue) }
        case .stockRestocked(let event):
            for line in event.lines { move(line, restocking: line.quantity.rawValue) }
        case .mailRequested(let event):
            if event.template == .orderConfirmed { isConfirmationRequested = true }
        case .paymentRequested(let event) where payment == nil:
            payment = PaymentAccount(
                id: event.paymentID, attempt: event.attempt, requestedMinor: event.amount.minor,
                requestedAt: position, givenGatewayKey: event.gatewayKey)
        default:
            let currency = currency
            payment?.apply(event, at: position, currency: currency)
        }
    }

    private mutating func ship(_ event: ShipmentDispatched) {
        for line in event.lines where lines.indices.contains(Int(line.lineNumber) - 1) {
            lines[Int(line.lineNumber) - 1].shipped += line.quantity.rawValue
            shippedUnits += Int64(line.quantity.rawValue)
        }
    }

    private mutating func receive(_ event: ReturnReceived) {
        if let index = returns.firstIndex(where: { $0.id == event.returnID }) {
            returns[index].isReceived = true
        }
        for line in event.lines where lines.indices.contains(Int(line.lineNumber) - 1) {
            let index = Int(line.lineNumber) - 1
            let before = lines[index].returned
            lines[index].returned = before &+ line.received
            // The sum of the lines, also of a forged log whose figures wrap around.
            returnedUnits += Int64(lines[index].returned) - Int64(before)
        }
    }

    private mutating func reserve(_ line: StockLine) {
        guard lines.indices.contains(Int(line.lineNumber) - 1) else { return }
        reservedUnits += Int64(line.quantity.rawValue)
        let range = reservationRange(ofLine: line.lineNumber)
        if let index = range.first(where: { reservations[$0].location == line.location }) {
            reservations[index].reserved += line.quantity.rawValue
        } else {
            reservations.insert(
                LineReservation(
                    lineNumber: line.lineNumber, location: line.location,
                    reserved: line.quantity.rawValue), at: range.upperBound)
        }
    }

    private mutating func move(
        _ line: StockLine, releasing: Int32 = 0, shipping: Int32 = 0, restocking: Int32 = 0
    ) {
        let range = reservationRange(ofLine: line.lineNumber)
        // Goods may be restocked at a location that nothing was sent from.
        guard let index = range.first(where: { reservations[$0].location == line.location }) else {
            return
        }
        reservations[index].released += releasing
        reservations[index].shipped += shipping
        reservations[index].restocked += restocking
        reservedUnits -= Int64(releasing) + Int64(shipping)
    }
}

import DaybookCore

extension OrderPacking {
    /// Appends everything but the order's identifier.
    mutating func encode(_ order: OrderState, into writer: inout WireWriter) {
        let keptAt = order.locationOfAllUnits
        let shape = shape(of: order, isKeptWhole: keptAt != nil)
        writer.append(byte: facts(of: order).rawValue)
        writer.append(byte: shape.rawValue)
        if let payment = order.payment {
            let skipped = shape.contains(.sharesTime) ? 6 : 0
            Swift.withUnsafeBytes(of: payment.id.rawValue.bigEndian) {
                writer.append(raw: UnsafeRawBufferPointer(rebasing: $0[skipped...]))
            }
        }
        writer.append(identifier: order.userID.rawValue)
        writer.append(varint: order.number)
        writer.append(varint: currencies.number(of: order.currency))
        writer.append(zigzag: order.netMinor)
        writer.append(zigzag: order.taxMinor)
        if !shape.contains(.isSummed) { writer.append(zigzag: order.payableMinor) }
        writer.append(zigzag: order.placedAt.microseconds &- order.id.rawValue.microseconds)
        if let expiresAt = order.expiresAt {
            let after = expiresAt.microseconds &- order.placedAt.microseconds
            writer.append(zigzag: shape.contains(.expiresOnSecond) ? after / 1_000_000 : after)
        }
        writer.append(varint: order.lastPosition.rawValue)
        writer.append(varint: UInt64(order.lines.count))
        for line in order.lines {
            writer.append(varint: skus.number(of: line.sku) << 1 | (line.isUnstocked ? 1 : 0))
            writer.append(zigzag: Int64(line.quantity))
        }
        if shape.contains(.hasMoved) {
            for line in order.lines {
                writer.append(zigzag: Int64(line.shipped))
                writer.append(zigzag: Int64(line.returned))
            }
        }
        if let keptAt {
            writer.append(varint: locations.number(of: keptAt))
        } else {
            encode(order.reservations, into: &writer)
        }
        if !order.returns.isEmpty {
            writer.append(varint: UInt64(order.returns.count))
            for announced in order.returns { writer.delimited { announced.encode(into: &$0) } }
        }
        guard let payment = order.payment else { return }
        if shape.contains(.hasPaymentMessage) {
            payment.encode(into: &writer)
        } else {
            encode(payment, of: order, into: &writer)
        }
    }

    private mutating func encode(_ reservations: [LineReservation], into writer: inout WireWriter) {
        writer.append(varint: UInt64(reservations.count))
        for reservation in reservations {
            writer.append(zigzag: Int64(reservation.lineNumber))
            writer.append(varint: locations.number(of: reservation.location))
            writer.append(zigzag: Int64(reservation.reserved))
            writer.append(zigzag: Int64(reservation.released))
            writer.append(zigzag: Int64(reservation.shipped))
            writer.append(zigzag: Int64(reservation.restocked))
        }
    }

    /// A payment of the usual course. The byte: how far the charge is, 3 bits; what the reference is, 2;
    /// whether the authorisation expires.
    private func encode(
        _ payment: PaymentAccount, of order: OrderState, into writer: inout WireWriter
    ) {
        let reference = PackedReference(payment, of: order.id)
        let expiry: UInt8 = payment.authorizationExpiresAt == nil ? 0 : 32
        writer.append(
            byte: UInt8(payment.charge.rawValue) | reference.rawValue << 3 | expiry)
        writer.append(zigzag: Int64(payment.attempt))
        writer.append(zigzag: order.payableMinor &- payment.requestedMinor)
        writer.append(zigzag: payment.authorizedMinor)
        writer.append(zigzag: order.payableMinor &- payment.capturedMinor)
        writer.append(
            zigzag: Int64(
                bitPattern: order.lastPosition.rawValue &- payment.requestedAt.rawValue))
        if let expiry = payment.authorizationExpiresAt {
            writer.append(zigzag: expiry.microseconds &- order.placedAt.microseconds)
        }
        if reference == .text {
            writer.append(varint: UInt64(payment.reference.utf8.count))
            writer.append(text: payment.reference)
        }
    }

    private func facts(of order: OrderState) -> Facts {
        var facts: Facts = []
        if order.captureMode == .manual { facts.insert(.isManual) }
        if order.isImported { facts.insert(.isImported) }
        if order.closure == .cancelled { facts.insert(.isCancelled) }
        if order.closure == .expired { facts.insert(.isExpired) }
        if order.isProcessing { facts.insert(.isProcessing) }
        if order.isConfirmationRequested { facts.insert(.isConfirmationRequested) }
        if order.payment != nil { facts.insert(.hasPayment) }
        if !order.returns.isEmpty { facts.insert(.hasReturns) }
        return facts
    }

    private func shape(of order: OrderState, isKeptWhole: Bool) -> Shape {
        var shape: Shape = []
        if order.netMinor &+ order.taxMinor == order.payableMinor { shape.insert(.isSummed) }
        if let expiresAt = order.expiresAt {
            shape.insert(.expires)
            let after = expiresAt.microseconds &- order.placedAt.microseconds
            if after.isMultiple(of: 1_000_000) { shape.insert(.expiresOnSecond) }
        }
        if order.lines.contains(where: { $0.shipped != 0 || $0.returned != 0 }) {
            shape.insert(.hasMoved)
        }
        if isKeptWhole { shape.insert(.isKeptWhole) }
        if let payment = order.payment {
            if payment.id.rawValue >> 80 == order.id.rawValue >> 80 { shape.insert(.sharesTime) }
            if !payment.isUsual { shape.insert(.hasPaymentMessage) }
        }
        return shape
    }
}

extension PaymentAccount {
    /// Nothing but a charge, asked for and perhaps taken.
    fileprivate var isUsual: Bool {
        givenGatewayKey == nil && strayMinor == 0 && !isHeld && capture == nil
            && voidRequestedAt == nil && refunds.isEmpty
    }
}

extension OrderState {
    /// The one location at which every stocked line is kept, whole and untouched.
    fileprivate var locationOfAllUnits: LocationID? {
        guard let location = reservations.first?.location else { return nil }
        var next = 0
        for (offset, line) in lines.enumerated() where !line.isUnstocked {
            guard next < reservations.count else { return nil }
            let reservation = reservations[next]
            guard reservation.lineNumber == Int32(offset + 1),
                reservation.location.rawValue.hasSameBytes(as: location.rawValue),
                reservation.reserved == line.quantity, reservation.released == 0,
                reservation.shipped == 0, reservation.restocked == 0
            else { return nil }
            next += 1
        }
        return next == reservations.count ? location : nil
    }
}

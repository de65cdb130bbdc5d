import DaybookCore

extension OrderPacking {
    /// Reads what `encode` wrote.
    ///
    /// - Throws: ``WireError`` for bytes that are no order; never traps.
    func decode(_ id: UInt128, from reader: inout WireReader) throws(WireError) -> OrderState {
        let facts = Facts(rawValue: try reader.byte())
        let shape = Shape(rawValue: try reader.byte())
        var draft = OrderState.Draft()
        draft.id = OrderID(rawValue: id)
        var payment: PaymentID?
        if facts.contains(.hasPayment) {
            payment = try reader.payment(of: id, sharesTime: shape.contains(.sharesTime))
        }
        draft.userID = UserID(rawValue: WireReader.identifier(from: try reader.raw(16)))
        draft.number = try reader.varint()
        draft.currency = try currencies.value(reader.varint())
        draft.netMinor = try reader.zigzag()
        draft.taxMinor = try reader.zigzag()
        draft.payableMinor =
            shape.contains(.isSummed) ? draft.netMinor &+ draft.taxMinor : try reader.zigzag()
        draft.captureMode = facts.contains(.isManual) ? .manual : .automatic
        draft.isImported = facts.contains(.isImported)
        draft.placedAt = Instant(microseconds: id.microseconds &+ (try reader.zigzag()))
        if shape.contains(.expires) {
            let after = try reader.zigzag()
            draft.expiresAt = Instant(
                microseconds: draft.placedAt.microseconds
                    &+ (shape.contains(.expiresOnSecond) ? after &* 1_000_000 : after))
        }
        draft.lastPosition = LogPosition(rawValue: try reader.varint())
        draft.closure =
            facts.contains(.isCancelled)
            ? .cancelled : facts.contains(.isExpired) ? .expired : .open
        draft.isProcessing = facts.contains(.isProcessing)
        draft.isConfirmationRequested = facts.contains(.isConfirmationRequested)
        try decodeLines(into: &draft, shape, from: &reader)
        if facts.contains(.hasReturns) {
            for _ in 0..<(try reader.count()) {
                var message = WireReader(try reader.delimited())
                draft.returns.append(try ReturnState(from: &message))
            }
        }
        if let payment {
            let account =
                shape.contains(.hasPaymentMessage)
                ? try PaymentAccount(from: &reader)
                : try decode(payment, of: draft, from: &reader)
            // By the one in front it is found.
            guard account.id == payment else { throw .badValue(field: 15) }
            draft.payment = account
        }
        return try OrderState(draft)
    }

    private func decodeLines(
        into draft: inout OrderState.Draft, _ shape: Shape, from reader: inout WireReader
    ) throws(WireError) {
        let count = try reader.count()
        draft.lines.reserveCapacity(count)
        for _ in 0..<count {
            let number = try reader.varint()
            draft.lines.append(
                LineState(
                    sku: try skus.value(number >> 1), quantity: try reader.int32(),
                    isUnstocked: number & 1 == 1))
        }
        if shape.contains(.hasMoved) {
            for index in draft.lines.indices {
                draft.lines[index].shipped = try reader.int32()
                draft.lines[index].returned = try reader.int32()
            }
        }
        guard shape.contains(.isKeptWhole) else {
            return try decodeReservations(into: &draft, from: &reader)
        }
        let location = try locations.value(reader.varint())
        draft.reservations.reserveCapacity(count)
        for (offset, line) in draft.lines.enumerated() where !line.isUnstocked {
            draft.reservations.append(
                LineReservation(
                    lineNumber: Int32(offset + 1), location: location, reserved: line.quantity))
        }
    }

    private func decodeReservations(
        into draft: inout OrderState.Draft, from reader: inout WireReader
    ) throws(WireError) {
        let count = try reader.count()
        draft.reservations.reserveCapacity(count)
        for _ in 0..<count {
            draft.reservations.append(
                LineReservation(
                    lineNumber: try reader.int32(), location: try locations.value(reader.varint()),
                    reserved: try reader.int32(), released: try reader.int32(),
                    shipped: try reader.int32(), restocked: try reader.int32()))
        }
    }

    private func decode(
        _ id: PaymentID, of draft: OrderState.Draft, from reader: inout WireReader
    ) throws(WireError) -> PaymentAccount {
        let byte = try reader.byte()
        guard let charge = ChargeState(rawValue: Int32(byte & 7)),
            let reference = PackedReference(rawValue: byte >> 3 & 3), let order = draft.id
        else { throw .badValue(field: 15) }
        var payment = PaymentAccount(
            id: id, attempt: try reader.int32(),
            requestedMinor: draft.payableMinor &- (try reader.zigzag()), requestedAt: .start,
            charge: charge)
        payment.authorizedMinor = try reader.zigzag()
        payment.capturedMinor = draft.payableMinor &- (try reader.zigzag())
        payment.requestedAt = LogPosition(
            rawValue: draft.lastPosition.rawValue &- UInt64(bitPattern: try reader.zigzag()))
        if byte & 32 != 0 {
            payment.authorizationExpiresAt = Instant(
                microseconds: draft.placedAt.microseconds &+ (try reader.zigzag()))
        }
        switch reference {
        case .none: break
        case .key:
            payment.reference = GatewayKey.charge(order, attempt: payment.attempt).description
        case .text:
            guard let text = String(utf8: try reader.delimited()) else {
                throw .badValue(field: 15)
            }
            payment.reference = text
        }
        return payment
    }
}

/// What the provider calls a payment: mostly nothing that could not be told anyway.
enum PackedReference: UInt8 {
    case none = 0
    /// The key of the charge.
    case key = 1
    case text = 2

    init(_ payment: PaymentAccount, of order: OrderID) {
        if payment.reference.isEmpty {
            self = .none
        } else if GatewayKey.isCharge(payment.reference, of: order, attempt: payment.attempt) {
            self = .key
        } else {
            self = .text
        }
    }
}

extension WireReader {
    mutating func byte() throws(WireError) -> UInt8 { try raw(1)[0] }

    mutating func int32() throws(WireError) -> Int32 {
        guard let value = Int32(exactly: try zigzag()) else { throw .badValue(field: 0) }
        return value
    }

    /// Of things that take a byte at least.
    mutating func count() throws(WireError) -> Int {
        let count = try varint()
        guard count <= UInt64(remainingByteCount) else { throw .truncated }
        return Int(count)
    }

    mutating func payment(
        of order: UInt128, sharesTime: Bool
    ) throws(WireError) -> PaymentID {
        guard sharesTime else {
            return PaymentID(rawValue: WireReader.identifier(from: try raw(16)))
        }
        return PaymentID(rawValue: try identifier(madeAt: UInt64(order >> 80)))
    }

    /// Reads the 10 bytes of an identifier that follow the 48 bits of its time.
    mutating func identifier(madeAt time: UInt64) throws(WireError) -> UInt128 {
        var rest: UInt128 = 0
        for byte in try raw(10) { rest = rest << 8 | UInt128(byte) }
        return UInt128(time) << 80 | rest
    }
}

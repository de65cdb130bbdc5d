package import DaybookCore

extension CaptureInFlight: WireMessage {
    package func encode(into writer: inout WireWriter) {
        writer.field(1, identifier: id.rawValue)
        writer.field(2, int: amountMinor)
        writer.field(3, varint: position.rawValue)
        writer.field(4, bool: isUnknown)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        var id: CaptureID?
        var amountMinor: Int64 = 0
        var position = LogPosition.start
        var isUnknown = false
        while let tag = try reader.nextTag() {
            switch tag.field {
            case 1: id = CaptureID(rawValue: try reader.identifier(tag))
            case 2: amountMinor = try reader.int64(tag)
            case 3: position = LogPosition(rawValue: try reader.varint(tag))
            case 4: isUnknown = try reader.bool(tag)
            default: try reader.skip(tag)
            }
        }
        guard let id else { throw .missing(field: 1) }
        self.init(id: id, amountMinor: amountMinor, position: position, isUnknown: isUnknown)
    }
}

extension RefundState: WireMessage {
    package func encode(into writer: inout WireWriter) {
        writer.field(1, identifier: id.rawValue)
        writer.field(2, int: amountMinor)
        writer.field(3, varint: position.rawValue)
        writer.field(4, int: Int64(progress.rawValue))
    }

    package init(from reader: inout WireReader) throws(WireError) {
        var id: RefundID?
        var amountMinor: Int64 = 0
        var position = LogPosition.start
        var progress: Progress?
        while let tag = try reader.nextTag() {
            switch tag.field {
            case 1: id = RefundID(rawValue: try reader.identifier(tag))
            case 2: amountMinor = try reader.int64(tag)
            case 3: position = LogPosition(rawValue: try reader.varint(tag))
            case 4:
                progress = try reader.checked(
                    tag, Progress.init(rawValue:), of: try reader.int32(tag))
            default: try reader.skip(tag)
            }
        }
        guard let id else { throw .missing(field: 1) }
        guard let progress else { throw .missing(field: 4) }
        self.init(id: id, amountMinor: amountMinor, position: position, progress: progress)
    }
}

extension PaymentAccount: WireMessage {
    package func encode(into writer: inout WireWriter) {
        writer.field(1, identifier: id.rawValue)
        writer.field(2, int: Int64(attempt))
        writer.field(3, int: requestedMinor)
        writer.field(4, varint: requestedAt.rawValue)
        if let givenGatewayKey { writer.alwaysField(5, text: givenGatewayKey) }
        writer.field(6, int: Int64(charge.rawValue))
        writer.field(7, text: reference)
        writer.field(8, int: authorizedMinor)
        if let expiry = authorizationExpiresAt {
            writer.field(9) { $0.field(1, zigzag: expiry.microseconds) }
        }
        writer.field(10, int: capturedMinor)
        writer.field(11, int: strayMinor)
        writer.field(12, bool: isHeld && !Mutant.snapshotForgetsHold.isPlanted)
        if let capture { writer.field(13) { capture.encode(into: &$0) } }
        if let voidRequestedAt { writer.alwaysField(14, varint: voidRequestedAt.rawValue) }
        for refund in refunds { writer.field(15) { refund.encode(into: &$0) } }
    }

    package init(from reader: inout WireReader) throws(WireError) {
        // Placeholders until the fields that must be there were read.
        var account = PaymentAccount(
            id: PaymentID(rawValue: 0), attempt: 0, requestedMinor: 0, requestedAt: .start)
        var id: PaymentID?
        while let tag = try reader.nextTag() {
            if tag.field == 1 {
                id = PaymentID(rawValue: try reader.identifier(tag))
            } else {
                try account.read(tag, from: &reader)
            }
        }
        guard let id else { throw .missing(field: 1) }
        self.init(
            id: id, attempt: account.attempt, requestedMinor: account.requestedMinor,
            requestedAt: account.requestedAt, givenGatewayKey: account.givenGatewayKey,
            charge: account.charge, reference: account.reference,
            authorizedMinor: account.authorizedMinor,
            authorizationExpiresAt: account.authorizationExpiresAt,
            capturedMinor: account.capturedMinor, strayMinor: account.strayMinor,
            isHeld: account.isHeld, capture: account.capture,
            voidRequestedAt: account.voidRequestedAt, refunds: account.refunds)
    }

    private mutating func read(_ tag: WireTag, from reader: inout WireReader) throws(WireError) {
        switch tag.field {
        case 2: attempt = try reader.int32(tag)
        case 3: requestedMinor = try reader.int64(tag)
        case 4: requestedAt = LogPosition(rawValue: try reader.varint(tag))
        case 5: givenGatewayKey = try reader.text(tag)
        case 6:
            charge = try reader.checked(
                tag, ChargeState.init(rawValue:), of: try reader.int32(tag))
        case 7: reference = try reader.text(tag)
        case 8: authorizedMinor = try reader.int64(tag)
        case 9: authorizationExpiresAt = try reader.wrappedInstant(tag)
        case 10: capturedMinor = try reader.int64(tag)
        case 11: strayMinor = try reader.int64(tag)
        case 12: isHeld = try reader.bool(tag)
        case 13: capture = try reader.decode(CaptureInFlight.self, tag)
        case 14: voidRequestedAt = LogPosition(rawValue: try reader.varint(tag))
        case 15: refunds.append(try reader.decode(RefundState.self, tag))
        default: try reader.skip(tag)
        }
    }
}

package import DaybookCore

extension LineState: WireMessage {
    package func encode(into writer: inout WireWriter) {
        writer.field(1, text: sku.rawValue)
        writer.field(2, int: Int64(quantity))
        writer.field(3, bool: isUnstocked)
        writer.field(4, int: Int64(shipped))
        writer.field(5, int: Int64(returned))
    }

    package init(from reader: inout WireReader) throws(WireError) {
        var sku: SKU?
        var quantity: Int32 = 0
        var isUnstocked = false
        var shipped: Int32 = 0
        var returned: Int32 = 0
        while let tag = try reader.nextTag() {
            switch tag.field {
            case 1: sku = try reader.checked(tag, SKU.init(rawValue:), of: try reader.text(tag))
            case 2: quantity = try reader.int32(tag)
            case 3: isUnstocked = try reader.bool(tag)
            case 4: shipped = try reader.int32(tag)
            case 5: returned = try reader.int32(tag)
            default: try reader.skip(tag)
            }
        }
        guard let sku else { throw .missing(field: 1) }
        self.init(
            sku: sku, quantity: quantity, isUnstocked: isUnstocked, shipped: shipped,
            returned: returned)
    }
}

extension LineReservation: WireMessage {
    package func encode(into writer: inout WireWriter) {
        writer.field(1, int: Int64(lineNumber))
        writer.field(2, text: location.rawValue)
        writer.field(3, int: Int64(reserved))
        writer.field(4, int: Mutant.snapshotForgetsReleases.isPlanted ? 0 : Int64(released))
        writer.field(5, int: Int64(shipped))
        writer.field(6, int: Int64(restocked))
    }

    package init(from reader: inout WireReader) throws(WireError) {
        var numbers = [Int32](repeating: 0, count: 7)
        var location: LocationID?
        while let tag = try reader.nextTag() {
            switch tag.field {
            case 1, 3, 4, 5, 6: numbers[tag.field] = try reader.int32(tag)
            case 2:
                location = try reader.checked(
                    tag, LocationID.init(rawValue:), of: try reader.text(tag))
            default: try reader.skip(tag)
            }
        }
        guard let location else { throw .missing(field: 2) }
        self.init(
            lineNumber: numbers[1], location: location, reserved: numbers[3],
            released: numbers[4], shipped: numbers[5], restocked: numbers[6])
    }
}

extension ReturnState: WireMessage {
    package func encode(into writer: inout WireWriter) {
        writer.field(1, identifier: id.rawValue)
        for line in lines { writer.field(2) { line.encode(into: &$0) } }
        writer.field(3, bool: isReceived)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        var id: ReturnID?
        var lines: [LineQuantity] = []
        var isReceived = false
        while let tag = try reader.nextTag() {
            switch tag.field {
            case 1: id = ReturnID(rawValue: try reader.identifier(tag))
            case 2: lines.append(try reader.decode(LineQuantity.self, tag))
            case 3: isReceived = try reader.bool(tag)
            default: try reader.skip(tag)
            }
        }
        guard let id else { throw .missing(field: 1) }
        self.init(id: id, lines: lines, isReceived: isReceived)
    }
}

extension OrderState: WireMessage {
    package func encode(into writer: inout WireWriter) {
        writer.field(1, identifier: id.rawValue)
        writer.field(2, varint: number)
        writer.field(3, identifier: userID.rawValue)
        writer.field(4, text: currency.rawValue)
        writer.field(5, int: netMinor)
        writer.field(6, int: taxMinor)
        writer.field(7, int: payableMinor)
        writer.field(8, int: Int64(captureMode.rawValue))
        writer.field(9, bool: isImported)
        writer.field(10, zigzag: placedAt.microseconds)
        if let expiresAt { writer.field(11) { $0.field(1, zigzag: expiresAt.microseconds) } }
        for line in lines { writer.field(12) { line.encode(into: &$0) } }
        for reservation in reservations { writer.field(13) { reservation.encode(into: &$0) } }
        for announced in returns { writer.field(14) { announced.encode(into: &$0) } }
        if let payment { writer.field(15) { payment.encode(into: &$0) } }
        writer.field(16, text: closure.rawValue)
        writer.field(17, bool: isProcessing)
        writer.field(18, bool: isConfirmationRequested)
        writer.field(19, varint: lastPosition.rawValue)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        var draft = Draft()
        while let tag = try reader.nextTag() { try draft.read(tag, from: &reader) }
        try self.init(draft)
    }

    init(_ draft: Draft) throws(WireError) {
        self.init(try OrderFields(draft))
    }

    /// The fields as they are read, one after another.
    struct Draft {
        var id: OrderID?
        var number: UInt64 = 0
        var userID: UserID?
        var currency: Currency?
        var netMinor: Int64 = 0
        var taxMinor: Int64 = 0
        var payableMinor: Int64 = 0
        var captureMode: CaptureMode?
        var isImported = false
        var placedAt = Instant(microseconds: 0)
        var expiresAt: Instant?
        var lines: [LineState] = []
        var reservations: [LineReservation] = []
        var returns: [ReturnState] = []
        var payment: PaymentAccount?
        var closure = Closure.open
        var isProcessing = false
        var isConfirmationRequested = false
        var lastPosition = LogPosition.start

        mutating func read(_ tag: WireTag, from reader: inout WireReader) throws(WireError) {
            switch tag.field {
            case 1: id = OrderID(rawValue: try reader.identifier(tag))
            case 2: number = try reader.varint(tag)
            case 3: userID = UserID(rawValue: try reader.identifier(tag))
            case 4:
                currency = try reader.checked(
                    tag, Currency.init(rawValue:), of: try reader.text(tag))
            case 5: netMinor = try reader.int64(tag)
            case 6: taxMinor = try reader.int64(tag)
            case 7: payableMinor = try reader.int64(tag)
            case 8:
                captureMode = try reader.checked(
                    tag, CaptureMode.init(rawValue:), of: try reader.int32(tag))
            case 9: isImported = try reader.bool(tag)
            case 10: placedAt = Instant(microseconds: try reader.zigzag(tag))
            case 11: expiresAt = try reader.wrappedInstant(tag)
            case 12: lines.append(try reader.decode(LineState.self, tag))
            case 13: reservations.append(try reader.decode(LineReservation.self, tag))
            case 14: returns.append(try reader.decode(ReturnState.self, tag))
            case 15: payment = try reader.decode(PaymentAccount.self, tag)
            case 16:
                closure = try reader.checked(
                    tag, Closure.init(rawValue:), of: try reader.text(tag))
            case 17: isProcessing = try reader.bool(tag)
            case 18: isConfirmationRequested = try reader.bool(tag)
            case 19: lastPosition = LogPosition(rawValue: try reader.varint(tag))
            default: try reader.skip(tag)
            }
        }
    }
}

extension WireReader {
    /// An instant with presence: a message with the instant as field 1, left out when it is zero.
    mutating func wrappedInstant(_ tag: WireTag) throws(WireError) -> Instant {
        var inner = try message(tag)
        var microseconds: Int64 = 0
        while let tag = try inner.nextTag() {
            if tag.field == 1 { microseconds = try inner.zigzag(tag) } else { try inner.skip(tag) }
        }
        return Instant(microseconds: microseconds)
    }
}

extension OrderState {
    /// Whether both are written as the same bytes. Texts may be equal and spelled otherwise, if they are not
    /// ASCII; only then it takes writing them.
    func isSame(as other: OrderState) -> Bool {
        guard self == other else { return false }
        guard !isASCII || !other.isASCII else { return true }
        var ours = WireWriter()
        var theirs = WireWriter()
        encode(into: &ours)
        other.encode(into: &theirs)
        return ours.bytes == theirs.bytes
    }

    private var isASCII: Bool {
        func isASCII(_ text: String?) -> Bool { text?.utf8.allSatisfy { $0 < 0x80 } ?? true }
        return lines.allSatisfy { isASCII($0.sku.rawValue) }
            && reservations.allSatisfy { isASCII($0.location.rawValue) }
            && isASCII(payment?.reference) && isASCII(payment?.givenGatewayKey)
    }
}

extension OrderFields {
    init(_ draft: OrderState.Draft) throws(WireError) {
        guard let id = draft.id else { throw .missing(field: 1) }
        guard let userID = draft.userID else { throw .missing(field: 3) }
        guard let currency = draft.currency else { throw .missing(field: 4) }
        guard let captureMode = draft.captureMode else { throw .missing(field: 8) }
        self.id = id
        number = draft.number
        self.userID = userID
        self.currency = currency
        netMinor = draft.netMinor
        taxMinor = draft.taxMinor
        payableMinor = draft.payableMinor
        self.captureMode = captureMode
        isImported = draft.isImported
        placedAt = draft.placedAt
        expiresAt = draft.expiresAt
        lines = draft.lines
        reservations = draft.reservations
        returns = draft.returns
        payment = draft.payment
        closure = draft.closure
        isProcessing = draft.isProcessing
        isConfirmationRequested = draft.isConfirmationRequested
        lastPosition = draft.lastPosition
        orderedUnits = lines.reduce(0) { $0 + Int64($1.quantity) }
        shippedUnits = lines.reduce(0) { $0 + Int64($1.shipped) }
        returnedUnits = lines.reduce(0) { $0 + Int64($1.returned) }
        let isSound = reservations.allSatisfy { reservation in
            lines.indices.contains(Int(reservation.lineNumber) - 1) && reservation.canBeReckoned
        }
        guard isSound else { throw .badValue(field: 13) }
        reservedUnits = reservations.reduce(0) { $0 + Int64($1.remaining) }
    }
}

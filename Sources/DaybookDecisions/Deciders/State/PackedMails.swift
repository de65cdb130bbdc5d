import DaybookCore

/// Mails without an outcome, in few bytes: a store that sends none has one for every order.
///
/// ```
/// varint  template × 8, and bits of `Facts`
/// varint  position of the event
/// …       user: its number, or 16 bytes for one that is not known
/// …       order and verification, where there is one: a varint of milliseconds since the mail's
///         identifier was made, and the 10 bytes behind the time
/// ```
struct PackedMails: ~Copyable, Sendable {
    private var slab = RecordSlab()
    private var mails = PlaceIndex()
    private var scratch = WireWriter(capacity: 64)

    fileprivate struct Facts: OptionSet {
        let rawValue: UInt64
        static let isOfKnownUser = Facts(rawValue: 1)
        static let hasOrder = Facts(rawValue: 2)
        static let hasVerification = Facts(rawValue: 4)
    }

    func copy() -> PackedMails {
        var copy = PackedMails()
        copy.slab = slab
        copy.mails = mails
        return copy
    }

    var count: Int { mails.count }

    func contains(_ id: MailID) -> Bool { place(of: id) != nil }

    /// - Parameter users: as they were when the mail was inserted, or more.
    func mail(_ id: MailID, of users: borrowing UserTable) -> PendingMail? {
        place(of: id).map { mail(at: $0, of: users) }
    }

    /// Adds the mail or replaces the one of the same identifier.
    ///
    /// - Parameter user: the number of the recipient's account, if it is known.
    mutating func insert(_ mail: PendingMail, user: Int?) {
        remove(mail.request.mailID)
        scratch.removeAll()
        mail.pack(user: user, into: &scratch)
        let id = mail.request.mailID.rawValue
        mails.insert(scratch.withUnsafeBytes { slab.append(id, $0) }, PlaceIndex.hash(id))
    }

    mutating func remove(_ id: MailID) {
        let place = mails.remove(PlaceIndex.hash(id.rawValue)) {
            slab.identifier(at: $0) == id.rawValue
        }
        guard let place else { return }
        slab.remove(place)
        if slab.isMostlyFree { moveTogether() }
    }

    /// Every mail, in no order that means anything.
    func all(of users: borrowing UserTable) -> [PendingMail] {
        var all: [PendingMail] = []
        all.reserveCapacity(count)
        mails.forEach { all.append(mail(at: $0, of: users)) }
        return all
    }

    private func place(of id: MailID) -> UInt32? {
        mails.place(PlaceIndex.hash(id.rawValue)) { slab.identifier(at: $0) == id.rawValue }
    }

    private func mail(at place: UInt32, of users: borrowing UserTable) -> PendingMail {
        do throws(WireError) {
            return try decoded(place, of: users)
        } catch {
            preconditionFailure("PackedMails: a mail cannot be unpacked: \(error)")
        }
    }

    private func decoded(_ place: UInt32, of users: borrowing UserTable) throws(WireError)
        -> PendingMail
    {
        let id = MailID(rawValue: slab.identifier(at: place))
        return try slab.read(at: place) { reader throws(WireError) in
            try PendingMail(unpacking: id, of: users, from: &reader)
        }
    }

    private mutating func moveTogether() {
        var mails = PlaceIndex()
        swap(&mails, &self.mails)
        let moved = slab.emptyOneChunk { id, place in
            mails.place(PlaceIndex.hash(id)) { $0 == place } != nil
        }
        for record in moved {
            let hash = PlaceIndex.hash(record.identifier)
            mails.remove(hash) { $0 == record.from }
            mails.insert(record.to, hash)
        }
        swap(&mails, &self.mails)
    }
}

// MARK: - Image

extension PackedMails {
    func encodeImage(
        field number: Int, into writer: inout WireWriter,
        fieldEnded: (inout WireWriter) -> Void = { _ in }
    ) {
        slab.encodeImage(field: number, into: &writer, fieldEnded: fieldEnded) { id, place in
            mails.place(PlaceIndex.hash(id)) { $0 == place } != nil
        }
    }

    mutating func addImage(
        chunk bytes: UnsafeRawBufferPointer, field number: Int
    ) throws(WireError) {
        var records: [(id: UInt128, place: UInt32)] = []
        try slab.addImage(chunk: bytes) { records.append(($0, $1)) }
        for record in records {
            guard !contains(MailID(rawValue: record.id)) else { throw .badValue(field: number) }
            mails.insert(record.place, PlaceIndex.hash(record.id))
        }
    }

    /// Makes sure that every mail can be unpacked.
    ///
    /// - Throws: ``WireError``; the table must not be used then.
    func check(field number: Int, of users: borrowing UserTable) throws(WireError) {
        var isSound = true
        mails.forEach { place in isSound = isSound && (try? decoded(place, of: users)) != nil }
        guard isSound else { throw .badValue(field: number) }
    }
}

extension PendingMail {
    fileprivate func pack(user: Int?, into writer: inout WireWriter) {
        var facts: PackedMails.Facts = []
        if user != nil { facts.insert(.isOfKnownUser) }
        if request.orderID != nil { facts.insert(.hasOrder) }
        if request.verificationID != nil { facts.insert(.hasVerification) }
        writer.append(varint: UInt64(request.template.rawValue) << 3 | facts.rawValue)
        writer.append(varint: position.rawValue)
        if let user {
            writer.append(varint: UInt64(user))
        } else {
            writer.append(identifier: request.userID.rawValue)
        }
        let mail = request.mailID.rawValue
        if let order = request.orderID { writer.append(order.rawValue, near: mail) }
        if let link = request.verificationID { writer.append(link.rawValue, near: mail) }
    }

    fileprivate init(
        unpacking id: MailID, of users: borrowing UserTable, from reader: inout WireReader
    ) throws(WireError) {
        let first = try reader.varint()
        let facts = PackedMails.Facts(rawValue: first & 7)
        guard let number = Int32(exactly: first >> 3), let template = MailTemplate(rawValue: number)
        else { throw .badValue(field: 2) }
        let position = LogPosition(rawValue: try reader.varint())
        let user: UserID
        if facts.contains(.isOfKnownUser) {
            let number = try reader.varint()
            guard number < UInt64(users.count) else { throw .badValue(field: 3) }
            user = users.id(Int(number))
        } else {
            user = UserID(rawValue: WireReader.identifier(from: try reader.raw(16)))
        }
        let order =
            facts.contains(.hasOrder)
            ? OrderID(rawValue: try reader.identifier(near: id.rawValue)) : nil
        let link =
            facts.contains(.hasVerification)
            ? VerificationID(rawValue: try reader.identifier(near: id.rawValue)) : nil
        self.init(
            request: MailRequested(
                mailID: id, template: template, userID: user, orderID: order, verificationID: link),
            position: position)
    }
}

extension WireWriter {
    /// An identifier that was made at about the same time as the other one.
    fileprivate mutating func append(_ identifier: UInt128, near other: UInt128) {
        let after = Int64(identifier >> 80) - Int64(other >> 80)
        append(zigzag: after)
        Swift.withUnsafeBytes(of: identifier.bigEndian) {
            append(raw: UnsafeRawBufferPointer(rebasing: $0[6...]))
        }
    }
}

extension WireReader {
    fileprivate mutating func identifier(near other: UInt128) throws(WireError) -> UInt128 {
        let time = Int64(other >> 80) &+ (try zigzag())
        return try identifier(madeAt: UInt64(truncatingIfNeeded: time) & 0xFFFF_FFFF_FFFF)
    }
}

package import DaybookCore

extension VerificationLink: WireMessage {
    package func encode(into writer: inout WireWriter) {
        writer.field(1, identifier: id.rawValue)
        writer.field(2, zigzag: expiresAt.microseconds)
        writer.field(3, bool: isLive || Mutant.snapshotForgetsVoid.isPlanted)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        var id: VerificationID?
        var expiresAt: Int64 = 0
        var isLive = false
        while let tag = try reader.nextTag() {
            switch tag.field {
            case 1: id = VerificationID(rawValue: try reader.identifier(tag))
            case 2: expiresAt = try reader.zigzag(tag)
            case 3: isLive = try reader.bool(tag)
            default: try reader.skip(tag)
            }
        }
        guard let id else { throw .missing(field: 1) }
        self.init(id: id, expiresAt: Instant(microseconds: expiresAt), isLive: isLive)
    }
}

extension UserState: WireMessage {
    package func encode(into writer: inout WireWriter) {
        func instant(_ number: Int, _ instant: Instant?) {
            guard let instant else { return }
            writer.field(number) { $0.field(1, zigzag: instant.microseconds) }
        }
        writer.field(1, identifier: id.rawValue)
        writer.field(2, digest: emailDigest.digest)
        writer.field(3, varint: registration.rawValue)
        writer.field(4, zigzag: registeredAt.microseconds)
        writer.field(5, bool: isDeactivated)
        instant(6, emailVerifiedAt)
        writer.field(7, bool: holdsClaim)
        if let link { writer.field(8) { link.encode(into: &$0) } }
        writer.field(9, bool: wasIssuedLink)
        for resend in resends { instant(10, resend) }
        instant(11, noticedAt)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        var draft = Draft()
        while let tag = try reader.nextTag() { try draft.read(tag, from: &reader) }
        guard let id = draft.id else { throw .missing(field: 1) }
        guard let emailDigest = draft.emailDigest else { throw .missing(field: 2) }
        self.init(
            id: id, emailDigest: emailDigest, registration: draft.registration,
            registeredAt: draft.registeredAt, isDeactivated: draft.isDeactivated,
            emailVerifiedAt: draft.emailVerifiedAt, holdsClaim: draft.holdsClaim,
            link: draft.link, wasIssuedLink: draft.wasIssuedLink, resends: draft.resends,
            noticedAt: draft.noticedAt)
    }

    /// The fields as they are read, one after another.
    private struct Draft {
        var id: UserID?
        var emailDigest: EmailDigest?
        var registration = LogPosition.start
        var registeredAt = Instant(microseconds: 0)
        var isDeactivated = false
        var emailVerifiedAt: Instant?
        var holdsClaim = false
        var link: VerificationLink?
        var wasIssuedLink = false
        var resends: [Instant] = []
        var noticedAt: Instant?

        mutating func read(_ tag: WireTag, from reader: inout WireReader) throws(WireError) {
            switch tag.field {
            case 1: id = UserID(rawValue: try reader.identifier(tag))
            case 2: emailDigest = EmailDigest(digest: try reader.digest(tag))
            case 3:
                registration = LogPosition(rawValue: try reader.varint(tag))
                // Accounts are kept with 56 bits of it.
                guard registration.rawValue < 1 << 56 else { throw .badValue(field: 3) }
            case 4: registeredAt = Instant(microseconds: try reader.zigzag(tag))
            case 5: isDeactivated = try reader.bool(tag)
            case 6: emailVerifiedAt = try reader.wrappedInstant(tag)
            case 7: holdsClaim = try reader.bool(tag)
            case 8: link = try reader.decode(VerificationLink.self, tag)
            case 9: wasIssuedLink = try reader.bool(tag)
            case 10: resends.append(try reader.wrappedInstant(tag))
            case 11: noticedAt = try reader.wrappedInstant(tag)
            default: try reader.skip(tag)
            }
        }
    }
}

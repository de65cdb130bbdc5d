package import DaybookCore

/// The snapshot: a disposable copy of the state at a position, without the cache of settled orders.
///
/// The bytes depend on the state only: tables in their own order, everything else sorted. They are not
/// storage format: whoever changes what is written raises `snapshotVersion`, and older snapshots are
/// discarded and replayed.
extension Shop {
    package static let snapshotVersion: UInt32 = 1

    package func encode(into writer: inout WireWriter) {
        writer.field(1, varint: lastOrderNumber)
        for product in catalogue.products { writer.field(2) { product.encode(into: &$0) } }
        for user in users.users { writer.field(3) { user.encode(into: &$0) } }
        orders.encodeOpen(field: 4, into: &writer)
        for message in inbox.seenInMemory { writer.field(5) { message.encode(into: &$0) } }
        for message in inbox.unmatched { writer.field(6) { message.encode(into: &$0) } }
        if PlantedBug.mailsNotInSnapshot.isPlanted { return }
        for mail in mails.all.sorted(by: { $0.position < $1.position }) {
            writer.field(7) { mail.encode(into: &$0) }
        }
    }

    package init(from reader: inout WireReader) throws(WireError) {
        self.init()
        while let tag = try reader.nextTag() {
            switch tag.field {
            case 1: lastOrderNumber = try reader.varint(tag)
            case 2: catalogue.add(try reader.decode(ProductState.self, tag))
            case 3: users.add(try reader.decode(UserState.self, tag))
            case 4: orders.insert(try reader.decode(OrderState.self, tag))
            case 5: inbox.remember(try reader.decode(GatewayInbox.Seen.self, tag))
            case 6: inbox.keep(try reader.decode(UnmatchedMessage.self, tag))
            case 7:
                let mail = try reader.decode(PendingMail.self, tag)
                mails.set(mail, for: mail.request.mailID.rawValue)
            default: try reader.skip(tag)
            }
        }
    }
}

extension Shop: Equatable {
    /// Two states are equal if they decide alike, that is, if their snapshots are the same bytes. The
    /// cache of settled orders does not count.
    ///
    /// - Complexity: O(*n*); for tests and audits.
    package static func == (left: Shop, right: Shop) -> Bool {
        var writers = (WireWriter(), WireWriter())
        left.encode(into: &writers.0)
        right.encode(into: &writers.1)
        return writers.0.bytes == writers.1.bytes
    }
}

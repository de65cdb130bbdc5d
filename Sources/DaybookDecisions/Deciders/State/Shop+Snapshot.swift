package import DaybookCore

/// The snapshot: a disposable copy of the state at a position, without the cache of settled orders.
///
/// There are two ways to write it, and one to read both. What `encode` writes depends on the state only:
/// tables in their own order, everything else sorted; it is what states are compared by. What
/// `encodeImage` writes is the same as it happens to lie in memory: a running store writes it again and
/// again, and a start waits for it to be read.
///
/// Neither is storage format: whoever changes what is written raises `snapshotVersion`, and leaves in
/// `readableSnapshotVersions` what still means the same; all others are discarded and replayed.
extension Shop {
    package static let snapshotVersion: UInt32 = 5
    /// Version 4 had the image in one part; its programs must not take the last part of several for all.
    package static let readableSnapshotVersions: Set<UInt32> = [4, 5]

    /// - Parameter fieldEnded: called after each field, of which the longest are chunks of packed orders and
    ///   mails (256 KiB) and 64ths of maps. It may take out what was written: the parts of an image can be read
    ///   one by one.
    /// - Complexity: O(bytes), of which open orders that are packed are copied in chunks.
    package func encodeImage(
        into writer: inout WireWriter, fieldEnded: (inout WireWriter) -> Void = { _ in }
    ) {
        encodeCommon(into: &writer, fieldEnded: fieldEnded)
        orders.encodeImage(into: &writer, fieldEnded: fieldEnded)
        if PlantedBug.mailsNotInSnapshot.isPlanted { return }
        mails.encodeImage(field: 13, into: &writer, fieldEnded: fieldEnded)
    }

    private func encodeCommon(
        into writer: inout WireWriter, fieldEnded: (inout WireWriter) -> Void = { _ in }
    ) {
        writer.field(1, varint: lastOrderNumber)
        for product in catalogue.products {
            writer.field(2) { product.encode(into: &$0) }
            fieldEnded(&writer)
        }
        users.forEach { user in
            writer.field(3) { user.encode(into: &$0) }
            fieldEnded(&writer)
        }
        for message in inbox.seenInMemory {
            writer.field(5) { message.encode(into: &$0) }
            fieldEnded(&writer)
        }
        for message in inbox.unmatched {
            writer.field(6) { message.encode(into: &$0) }
            fieldEnded(&writer)
        }
    }

    package func encode(into writer: inout WireWriter) {
        encodeCommon(into: &writer)
        orders.encodeOpen(field: 4, into: &writer)
        if PlantedBug.mailsNotInSnapshot.isPlanted { return }
        for mail in mails.all(of: users).sorted(by: { $0.position < $1.position }) {
            writer.field(7) { mail.encode(into: &$0) }
        }
    }

    /// - Parameter isVouchedFor: whether a hash says that the bytes are what `encodeImage` wrote. Else
    ///   each packed order is read once: such bytes may be anything, and must not lead to a trap.
    /// - Throws: ``WireError`` for bytes that are no state.
    package init(
        from reader: inout WireReader, isVouchedFor: Bool = false,
        unpackedOrderCapacity: Int = Shop.unpackedOrderCapacity
    ) throws(WireError) {
        self.init(unpackedOrderCapacity: unpackedOrderCapacity)
        try addImage(from: &reader)
        try finishImage(isVouchedFor: isVouchedFor)
    }

    /// Takes in a part of an image; after the last one, `finishImage`.
    package mutating func addImage(from reader: inout WireReader) throws(WireError) {
        while let tag = try reader.nextTag() {
            switch tag.field {
            case 1: lastOrderNumber = try reader.varint(tag)
            case 2: catalogue.add(try reader.decode(ProductState.self, tag))
            case 3: users.add(try reader.decode(UserState.self, tag))
            case 5: inbox.remember(try reader.decode(GatewayInbox.Seen.self, tag))
            case 6: inbox.keep(try reader.decode(UnmatchedMessage.self, tag))
            case 7:
                let mail = try reader.decode(PendingMail.self, tag)
                mails.insert(mail, user: users.index(of: mail.request.userID))
            case 13: try mails.addImage(chunk: try reader.delimited(tag), field: 13)
            default:
                guard try !orders.addImage(tag, from: &reader) else { continue }
                try reader.skip(tag)
            }
        }
    }

    package mutating func finishImage(isVouchedFor: Bool) throws(WireError) {
        try orders.finishImage(decodesOrders: !isVouchedFor)
        if !isVouchedFor { try mails.check(field: 13, of: users) }
    }
}

extension Shop: Equatable {
    /// Two states are equal if they decide alike. The cache of settled orders does not count, nor which open
    /// orders are packed.
    ///
    /// Equal states give the same bytes when they are encoded, but are not encoded for it: sorting and
    /// writing all orders twice took a third of a replay.
    ///
    /// - Complexity: O(*n*); for tests and audits.
    package static func == (left: Shop, right: Shop) -> Bool {
        var ours = WireWriter()
        var theirs = WireWriter()
        left.encodeCommon(into: &ours)
        right.encodeCommon(into: &theirs)
        return ours.bytes == theirs.bytes && left.orders.opensSame(as: right.orders)
            && left.hasSameMails(as: right)
    }

    private func hasSameMails(as other: Shop) -> Bool {
        mails.count == other.mails.count
            && mails.all(of: users).allSatisfy { mail in
                other.mails.mail(mail.request.mailID, of: other.users) == mail
            }
    }
}

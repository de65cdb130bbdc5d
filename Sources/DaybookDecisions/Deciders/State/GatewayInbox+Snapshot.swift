import DaybookCore

extension GatewayInbox.Seen: WireMessage {
    package func encode(into writer: inout WireWriter) {
        writer.field(1, text: providerEventID)
        writer.field(2, zigzag: receivedAt.microseconds)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        var providerEventID = ""
        var receivedAt: Int64 = 0
        while let tag = try reader.nextTag() {
            switch tag.field {
            case 1: providerEventID = try reader.text(tag)
            case 2: receivedAt = try reader.zigzag(tag)
            default: try reader.skip(tag)
            }
        }
        self.init(
            providerEventID: providerEventID, receivedAt: Instant(microseconds: receivedAt))
    }
}

extension UnmatchedMessage: WireMessage {
    package func encode(into writer: inout WireWriter) {
        writer.field(1) { message.encode(into: &$0) }
        writer.field(2, varint: position.rawValue)
        writer.field(3, zigzag: receivedAt.microseconds)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        var message: GatewayEventReceived?
        var position = LogPosition.start
        var receivedAt: Int64 = 0
        while let tag = try reader.nextTag() {
            switch tag.field {
            case 1: message = try reader.decode(GatewayEventReceived.self, tag)
            case 2: position = LogPosition(rawValue: try reader.varint(tag))
            case 3: receivedAt = try reader.zigzag(tag)
            default: try reader.skip(tag)
            }
        }
        guard let message else { throw .missing(field: 1) }
        self.init(
            message: message, position: position, receivedAt: Instant(microseconds: receivedAt))
    }
}

extension PendingMail: WireMessage {
    package func encode(into writer: inout WireWriter) {
        writer.field(1) { request.encode(into: &$0) }
        writer.field(2, varint: position.rawValue)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        var request: MailRequested?
        var position = LogPosition.start
        while let tag = try reader.nextTag() {
            switch tag.field {
            case 1: request = try reader.decode(MailRequested.self, tag)
            case 2: position = LogPosition(rawValue: try reader.varint(tag))
            default: try reader.skip(tag)
            }
        }
        guard let request else { throw .missing(field: 1) }
        self.init(request: request, position: position)
    }
}

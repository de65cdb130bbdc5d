import DaybookCore

/// Walks a stored message and its descriptor side by side and writes JSON.
struct MessageRenderer {
    let schema: EventSchema
    private var depth = 0

    /// How deep messages may stand inside messages; deeper ones are shown as hexadecimal.
    private static let nestingLimit = 64

    init(schema: EventSchema) {
        self.schema = schema
    }

    func write(
        _ message: MessageDescriptor, _ bytes: UnsafeRawBufferPointer, into writer: inout JSONWriter
    ) throws(EventRenderingError) {
        let values = try WireValue.values(of: message, in: bytes)
        writer.beginObject()
        try writeMembers(message, values, into: &writer)
        writer.endObject()
    }

    /// Both lists ascend by field number, so one pass over each is enough.
    private func writeMembers(
        _ message: MessageDescriptor, _ values: [WireValue], into writer: inout JSONWriter
    ) throws(EventRenderingError) {
        var rest = values[...]
        var unknown: [ArraySlice<WireValue>] = []
        for field in message.fields {
            while let first = rest.first, first.field < field.number {
                unknown.append(MessageRenderer.takeField(from: &rest))
            }
            guard let first = rest.first, first.field == field.number else {
                writeAbsent(field, into: &writer)
                continue
            }
            try write(field, MessageRenderer.takeField(from: &rest), into: &writer)
        }
        while !rest.isEmpty {
            unknown.append(MessageRenderer.takeField(from: &rest))
        }
        writeUnknown(unknown, into: &writer)
    }

    /// The values of the field that comes first.
    private static func takeField(from rest: inout ArraySlice<WireValue>) -> ArraySlice<WireValue> {
        let field = rest[rest.startIndex].field
        let end = rest.firstIndex { $0.field != field } ?? rest.endIndex
        defer { rest = rest[end...] }
        return rest[..<end]
    }

    // MARK: Fields

    private func write(
        _ field: FieldDescriptor, _ values: ArraySlice<WireValue>, into writer: inout JSONWriter
    ) throws(EventRenderingError) {
        writer.key(field.name)
        guard field.isRepeated else {
            // As protobuf prescribes, the last of several values of a single field counts.
            try write(field, values[values.endIndex - 1].content, into: &writer)
            return
        }
        var index = 0
        writer.beginArray()
        for value in values {
            for element in try elements(of: field, in: value) {
                do throws(EventRenderingError) {
                    try write(field, element.content, into: &writer)
                } catch {
                    throw EventRenderingError(
                        path: "\(field.name)[\(index)]" + error.path.dropFirst(field.name.count),
                        reason: error.reason)
                }
                index += 1
            }
        }
        writer.endArray()
    }

    private func elements(
        of field: FieldDescriptor, in value: WireValue
    ) throws(EventRenderingError) -> [WireValue] {
        guard case .delimited(let bytes) = value.content, field.type.wireType != 2 else {
            return [value]
        }
        return try WireValue.unpacked(field, bytes)
    }

    /// A field that the bytes do not hold: proto3 leaves out zeros and empty lists.
    private func writeAbsent(_ field: FieldDescriptor, into writer: inout JSONWriter) {
        if field.isRepeated {
            writer.key(field.name)
            writer.beginArray()
            writer.endArray()
            return
        }
        // Identifiers and digests are never empty: where one is absent, there is nothing to show.
        guard !field.hasPresence, !field.isPersonal, field.type != .bytes || field.kind.isEmpty
        else {
            return
        }
        let zero: WireValue.Content
        switch field.type.wireType {
        case 0: zero = .varint(0)
        case 1: zero = .fixed64(0)
        case 5: zero = .fixed32(0)
        default: zero = .delimited(UnsafeRawBufferPointer(start: nil, count: 0))
        }
        writer.key(field.name)
        writeScalar(field, zero, into: &writer)
    }

    private func write(
        _ field: FieldDescriptor, _ content: WireValue.Content, into writer: inout JSONWriter
    ) throws(EventRenderingError) {
        do throws(EventRenderingError) {
            if case .message(let index) = field.type, case .delimited(let bytes) = content {
                try writeNested(schema.messages[index], field, bytes, into: &writer)
            } else if field.isPersonal {
                writeWithheld(content, into: &writer)
            } else if let problem = writeScalar(field, content, into: &writer) {
                throw EventRenderingError(path: "", reason: problem)
            }
        } catch {
            throw error.inside(field.name)
        }
    }

    private func writeNested(
        _ message: MessageDescriptor, _ field: FieldDescriptor, _ bytes: UnsafeRawBufferPointer,
        into writer: inout JSONWriter
    ) throws(EventRenderingError) {
        if message.fullName == "daybook.v1.Sealed" {
            try writeSealed(message, bytes, isPersonal: field.isPersonal, into: &writer)
        } else if field.isPersonal {
            writeWithheld(.delimited(bytes), into: &writer)
        } else if depth >= MessageRenderer.nestingLimit {
            writer.value(hex: bytes)
        } else {
            var inner = self
            inner.depth += 1
            try inner.write(message, bytes, into: &writer)
        }
    }

    // MARK: Values about people

    /// `{"personal":true,"sealed":KEY_VERSION,"bytes":HEX}`: ciphertext, which says nothing.
    private func writeSealed(
        _ message: MessageDescriptor, _ bytes: UnsafeRawBufferPointer, isPersonal: Bool,
        into writer: inout JSONWriter
    ) throws(EventRenderingError) {
        var box = UnsafeRawBufferPointer(start: nil, count: 0)
        var keyVersion: UInt64 = 0
        var unknown: [ArraySlice<WireValue>] = []
        var rest = try WireValue.values(of: message, in: bytes)[...]
        while !rest.isEmpty {
            let values = MessageRenderer.takeField(from: &rest)
            switch (values[values.startIndex].field, values[values.endIndex - 1].content) {
            case (1, .delimited(let value)): box = value
            case (2, .varint(let value)): keyVersion = value
            case (1, _), (2, _):
                throw EventRenderingError(path: "", reason: "this is no sealed value")
            default: unknown.append(values)
            }
        }
        writer.beginObject()
        if isPersonal { writer.member("personal", true) }
        writer.member("sealed", keyVersion)
        writer.key("bytes")
        writer.value(hex: box)
        writeUnknown(unknown, into: &writer)
        writer.endObject()
    }

    /// A personal value that is not sealed, which no schema of ours allows: it is not shown.
    private func writeWithheld(_ content: WireValue.Content, into writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("personal", true)
        if case .delimited(let bytes) = content {
            writer.member("withheld_byte_count", bytes.count)
        }
        writer.endObject()
    }

    // MARK: Unknown fields

    /// `"unknown_fields":{"17":5}`: numbers as numbers, everything with a length as hexadecimal.
    private func writeUnknown(_ fields: [ArraySlice<WireValue>], into writer: inout JSONWriter) {
        guard !fields.isEmpty else { return }
        writer.key("unknown_fields")
        writer.beginObject()
        for values in fields {
            writer.key(String(values[values.startIndex].field))
            if values.count > 1 { writer.beginArray() }
            for value in values {
                switch value.content {
                case .varint(let number): writer.value(number)
                case .fixed32(let number): writer.value(number)
                case .fixed64(let number): writer.value(number)
                case .delimited(let bytes): writer.value(hex: bytes)
                }
            }
            if values.count > 1 { writer.endArray() }
        }
        writer.endObject()
    }
}

import DaybookCore

/// One value as it stands on the wire.
struct WireValue {
    var field: Int
    var content: Content

    enum Content {
        case varint(UInt64)
        case delimited(UnsafeRawBufferPointer)
        case fixed32(UInt32)
        case fixed64(UInt64)
    }

    /// The values of a message by ascending field number; values of one field keep their order.
    static func values(
        of message: MessageDescriptor, in bytes: UnsafeRawBufferPointer
    ) throws(EventRenderingError) -> [WireValue] {
        var reader = WireReader(bytes)
        var values: [WireValue] = []
        var isAscending = true
        var field: Int?
        do throws(WireError) {
            while let tag = try reader.nextTag() {
                isAscending = isAscending && (field ?? 0) <= tag.field
                field = tag.field
                values.append(WireValue(field: tag.field, content: try content(tag, &reader)))
            }
        } catch {
            let name = message.fields.first { $0.number == field }?.name
            throw EventRenderingError(
                path: name ?? field.map { "field \($0)" } ?? "",
                reason: "in or after this field the bytes are malformed (\(error))")
        }
        // Programs write fields in order; a sort that is not needed would cost the most.
        guard !isAscending else { return values }
        return values.enumerated().sorted { left, right in
            (left.element.field, left.offset) < (right.element.field, right.offset)
        }.map(\.element)
    }

    private static func content(
        _ tag: WireTag, _ reader: inout WireReader
    ) throws(WireError) -> Content {
        switch tag.wireType {
        case 0: .varint(try reader.varint())
        case 2: .delimited(try reader.delimited())
        case 1: .fixed64(try reader.fixed64(tag))
        default: .fixed32(try reader.fixed32(tag))
        }
    }

    /// Splits a packed list into the values that stand in it.
    static func unpacked(
        _ field: FieldDescriptor, _ bytes: UnsafeRawBufferPointer
    ) throws(EventRenderingError) -> [WireValue] {
        var reader = WireReader(bytes)
        var values: [WireValue] = []
        let tag = WireTag(field: field.number, wireType: field.type.wireType)
        do throws(WireError) {
            while !reader.isAtEnd {
                values.append(WireValue(field: field.number, content: try content(tag, &reader)))
            }
        } catch {
            throw EventRenderingError(
                path: field.name, reason: "the packed list is malformed (\(error))")
        }
        return values
    }
}

extension FieldDescriptor.ValueType {
    /// The wire type of a value that is not packed.
    var wireType: UInt8 {
        switch self {
        case .bool, .int32, .int64, .uint32, .uint64, .sint32, .sint64, .enumeration: 0
        case .fixed64, .sfixed64, .double: 1
        case .text, .bytes, .message: 2
        case .fixed32, .sfixed32, .float: 5
        }
    }
}

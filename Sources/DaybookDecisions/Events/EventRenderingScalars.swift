import DaybookCore

extension MessageRenderer {
    /// Writes a value that is not a message.
    ///
    /// - Returns: what is wrong with the value; then nothing was written.
    @discardableResult
    func writeScalar(
        _ field: FieldDescriptor, _ content: WireValue.Content, into writer: inout JSONWriter
    ) -> String? {
        switch content {
        case .varint(let raw): writeVarint(field, raw, into: &writer)
        case .delimited(let bytes): writeDelimited(field, bytes, into: &writer)
        case .fixed32(let raw): writeFixed32(field, raw, into: &writer)
        case .fixed64(let raw): writeFixed64(field, raw, into: &writer)
        }
    }

    private func writeVarint(
        _ field: FieldDescriptor, _ raw: UInt64, into writer: inout JSONWriter
    ) -> String? {
        switch field.type {
        case .bool: writer.value(raw != 0)
        case .int64 where field.kind == "Instant":
            writer.value(Instant(microseconds: Int64(bitPattern: raw)).description)
        case .int64: writer.value(Int64(bitPattern: raw))
        case .uint64: writer.value(raw)
        case .sint64: writer.value(MessageRenderer.zigzag(raw))
        case .int32:
            return writeChecked(Int32(exactly: Int64(bitPattern: raw)), "an int32", into: &writer)
        case .uint32: return writeChecked(UInt32(exactly: raw), "a uint32", into: &writer)
        case .sint32:
            return writeChecked(
                Int32(exactly: MessageRenderer.zigzag(raw)), "a sint32", into: &writer)
        case .enumeration(let index):
            guard let number = Int32(exactly: Int64(bitPattern: raw)) else {
                return "\(raw) is not the number of an enumeration"
            }
            if let name = schema.enums[index].name(of: number) {
                writer.value(name)
            } else {
                writer.value(number)
            }
        default: return "a number stands where \(field.type.expectation) should"
        }
        return nil
    }

    private func writeChecked(
        _ number: (some FixedWidthInteger)?, _ type: String, into writer: inout JSONWriter
    ) -> String? {
        guard let number else { return "the number is out of the range of \(type)" }
        writer.value(number)
        return nil
    }

    private func writeDelimited(
        _ field: FieldDescriptor, _ bytes: UnsafeRawBufferPointer, into writer: inout JSONWriter
    ) -> String? {
        switch field.type {
        case .text:
            guard let text = String(validating: bytes, as: UTF8.self) else {
                return "the text is not UTF-8"
            }
            writer.value(text)
        case .bytes:
            guard let prefix = MessageRenderer.identifierPrefixesByKind[field.kind] else {
                writer.value(hex: bytes)
                return nil
            }
            guard bytes.count == 16 else {
                return "an identifier has 16 bytes, not \(bytes.count)"
            }
            writer.value(prefix + "_" + Base32.text(of: WireReader.identifier(from: bytes)))
        default: return "bytes with a length stand where \(field.type.expectation) should"
        }
        return nil
    }

    private func writeFixed32(
        _ field: FieldDescriptor, _ raw: UInt32, into writer: inout JSONWriter
    ) -> String? {
        switch field.type {
        case .fixed32: writer.value(raw)
        case .sfixed32: writer.value(Int32(bitPattern: raw))
        case .float: writeFloating(Double(Float(bitPattern: raw)), into: &writer)
        default: return "four bytes stand where \(field.type.expectation) should"
        }
        return nil
    }

    private func writeFixed64(
        _ field: FieldDescriptor, _ raw: UInt64, into writer: inout JSONWriter
    ) -> String? {
        switch field.type {
        case .fixed64: writer.value(raw)
        case .sfixed64: writer.value(Int64(bitPattern: raw))
        case .double: writeFloating(Double(bitPattern: raw), into: &writer)
        default: return "eight bytes stand where \(field.type.expectation) should"
        }
        return nil
    }

    /// JSON has no infinities; they stand as text, as protobuf's own JSON mapping has it.
    private func writeFloating(_ number: Double, into writer: inout JSONWriter) {
        if number.isFinite {
            writer.value(json: number.description)
        } else {
            writer.value(number.description)
        }
    }

    private static func zigzag(_ raw: UInt64) -> Int64 {
        Int64(bitPattern: raw >> 1) ^ -Int64(bitPattern: raw & 1)
    }

    /// Prefixes of the text form by the `kind` that fields name.
    private static let identifierPrefixesByKind: [String: String] = [
        "OrderID": OrderID.prefix,
        "UserID": UserID.prefix,
        "PaymentID": PaymentID.prefix,
        "ShipmentID": ShipmentID.prefix,
        "ReturnID": ReturnID.prefix,
        "VerificationID": VerificationID.prefix,
        "MailID": MailID.prefix,
        "RefundID": RefundID.prefix,
        "CaptureID": CaptureID.prefix,
        "CorrelationID": CorrelationID.prefix,
    ]
}

extension FieldDescriptor.ValueType {
    /// What should stand there, for error texts.
    fileprivate var expectation: String {
        switch self {
        case .message: "a message"
        case .text: "text"
        case .bytes: "bytes"
        case .enumeration: "the number of an enumeration"
        default: "\(self)"
        }
    }
}

import DaybookCore

/// Reads a FileDescriptorSet into the small model that rendering needs.
///
/// Types are resolved to indexes after all files are read, since files may come in any order.
///
/// Source: google/protobuf/descriptor.proto.
struct DescriptorSetParser {
    private(set) var messages: [MessageDescriptor] = []
    private(set) var enums: [EnumDescriptor] = []
    /// Field types that are still names: which field of which message means which type.
    private var references: [Reference] = []

    private struct Reference {
        var message: Int
        var field: Int
        var typeName: String
    }

    /// How deep messages may be declared inside messages.
    private static let nestingLimit = 32

    static func parse(_ descriptorSet: [UInt8]) throws(EventSchemaError) -> DescriptorSetParser {
        let result: Result<DescriptorSetParser, EventSchemaError> =
            descriptorSet.withUnsafeBytes { bytes in
                var parser = DescriptorSetParser()
                var reader = WireReader(bytes)
                do {
                    try parser.readSet(&reader)
                    try parser.resolve()
                } catch let error as EventSchemaError {
                    return .failure(error)
                } catch {
                    return .failure(EventSchemaError("it is malformed (\(error))"))
                }
                return .success(parser)
            }
        return try result.get()
    }

    // MARK: Files

    private mutating func readSet(_ reader: inout WireReader) throws {
        while let tag = try reader.nextTag() {
            guard tag.field == 1 else {
                try reader.skip(tag)
                continue
            }
            let file = try reader.delimited(tag)
            // The package is needed before the messages, and nothing says that it comes first.
            let package = try DescriptorSetParser.text(of: 2, in: file)
            var inner = WireReader(file)
            while let tag = try inner.nextTag() {
                switch tag.field {
                case 4:
                    try readMessage(
                        try inner.delimited(tag), in: package, of: package, depth: 0)
                case 5: try readEnum(try inner.delimited(tag), in: package)
                default: try inner.skip(tag)
                }
            }
        }
    }

    private static func text(of field: Int, in bytes: UnsafeRawBufferPointer) throws -> String {
        var reader = WireReader(bytes)
        var found = ""
        while let tag = try reader.nextTag() {
            if tag.field == field {
                found = try reader.text(tag)
            } else {
                try reader.skip(tag)
            }
        }
        return found
    }

    // MARK: Messages

    private mutating func readMessage(
        _ bytes: UnsafeRawBufferPointer, in scope: String, of package: String, depth: Int
    ) throws {
        guard depth < DescriptorSetParser.nestingLimit else {
            throw EventSchemaError("messages are nested more than 32 deep")
        }
        let name = try DescriptorSetParser.text(of: 1, in: bytes)
        let fullName = scope.isEmpty ? name : scope + "." + name
        let index = messages.count
        messages.append(
            MessageDescriptor(
                fullName: fullName, name: name, package: package, fields: [], eventVersion: 0))
        var fields: [(field: FieldDescriptor, typeName: String)] = []
        var reader = WireReader(bytes)
        while let tag = try reader.nextTag() {
            switch tag.field {
            case 2: fields.append(try DescriptorSetParser.field(try reader.delimited(tag)))
            case 3:
                try readMessage(
                    try reader.delimited(tag), in: fullName, of: package, depth: depth + 1)
            case 4: try readEnum(try reader.delimited(tag), in: fullName)
            case 7:
                messages[index].eventVersion = try DescriptorSetParser.eventVersion(
                    in: try reader.delimited(tag))
            default: try reader.skip(tag)
            }
        }
        fields.sort { $0.field.number < $1.field.number }
        for (position, entry) in fields.enumerated() {
            messages[index].fields.append(entry.field)
            guard !entry.typeName.isEmpty else { continue }
            references.append(Reference(message: index, field: position, typeName: entry.typeName))
        }
    }

    private static func eventVersion(in options: UnsafeRawBufferPointer) throws -> UInt32 {
        var reader = WireReader(options)
        var version: UInt32 = 0
        while let tag = try reader.nextTag() {
            if tag.field == 50003 {
                version = try reader.uint32(tag)
            } else {
                try reader.skip(tag)
            }
        }
        return version
    }

    // MARK: Fields

    private static func field(
        _ bytes: UnsafeRawBufferPointer
    ) throws -> (field: FieldDescriptor, typeName: String) {
        var field = FieldDescriptor(
            number: 0, name: "", type: .bytes, isRepeated: false, isOptional: false, kind: "",
            isPersonal: false)
        var typeName = ""
        var typeNumber: UInt64 = 0
        var reader = WireReader(bytes)
        while let tag = try reader.nextTag() {
            switch tag.field {
            case 1: field.name = try reader.text(tag)
            case 3: field.number = Int(try reader.int32(tag))
            case 4: field.isRepeated = try reader.varint(tag) == 3
            case 5: typeNumber = try reader.varint(tag)
            case 6: typeName = try reader.text(tag)
            case 8: try readOptions(try reader.delimited(tag), into: &field)
            // Every optional field of proto3 stands in a one-of of its own.
            case 9:
                _ = try reader.varint(tag)
                field.isOptional = true
            default: try reader.skip(tag)
            }
        }
        guard let type = valueType(typeNumber) else {
            throw EventSchemaError("field '\(field.name)' has type \(typeNumber), which is unknown")
        }
        field.type = type
        return (field, typeNumber == 11 || typeNumber == 14 ? typeName : "")
    }

    private static func readOptions(
        _ bytes: UnsafeRawBufferPointer, into field: inout FieldDescriptor
    ) throws {
        var reader = WireReader(bytes)
        while let tag = try reader.nextTag() {
            switch tag.field {
            case 50001: field.kind = try reader.text(tag)
            case 50002: field.isPersonal = try reader.bool(tag)
            default: try reader.skip(tag)
            }
        }
    }

    /// Messages and enumerations get their index once all are known; groups (10) are not taken.
    private static func valueType(_ number: UInt64) -> FieldDescriptor.ValueType? {
        switch number {
        case 1: .double
        case 2: .float
        case 3: .int64
        case 4: .uint64
        case 5: .int32
        case 6: .fixed64
        case 7: .fixed32
        case 8: .bool
        case 9: .text
        case 11: .message(-1)
        case 12: .bytes
        case 13: .uint32
        case 14: .enumeration(-1)
        case 15: .sfixed32
        case 16: .sfixed64
        case 17: .sint32
        case 18: .sint64
        default: nil
        }
    }

    private mutating func resolve() throws(EventSchemaError) {
        var types: [String: FieldDescriptor.ValueType] = [:]
        for (index, message) in messages.enumerated() {
            types["." + message.fullName] = .message(index)
        }
        for (index, declared) in enums.enumerated() {
            types["." + declared.fullName] = .enumeration(index)
        }
        for reference in references {
            let field = messages[reference.message].fields[reference.field]
            switch (field.type, types[reference.typeName]) {
            case (.message, .message(let index)?):
                messages[reference.message].fields[reference.field].type = .message(index)
            case (.enumeration, .enumeration(let index)?):
                messages[reference.message].fields[reference.field].type = .enumeration(index)
            default:
                throw EventSchemaError(
                    "\(messages[reference.message].fullName).\(field.name) is of type "
                        + "'\(reference.typeName)', which is not in it")
            }
        }
    }

    // MARK: Enumerations

    private mutating func readEnum(_ bytes: UnsafeRawBufferPointer, in scope: String) throws {
        let name = try DescriptorSetParser.text(of: 1, in: bytes)
        var declared = EnumDescriptor(
            fullName: scope.isEmpty ? name : scope + "." + name, values: [])
        let prefix = DescriptorSetParser.constantPrefix(of: name)
        var reader = WireReader(bytes)
        while let tag = try reader.nextTag() {
            guard tag.field == 2 else {
                try reader.skip(tag)
                continue
            }
            var inner = try reader.message(tag)
            var value = EnumDescriptor.Value(number: 0, name: "")
            while let tag = try inner.nextTag() {
                switch tag.field {
                case 1: value.name = try inner.text(tag)
                case 2: value.number = try inner.int32(tag)
                default: try inner.skip(tag)
                }
            }
            if value.name.hasPrefix(prefix) { value.name.removeFirst(prefix.count) }
            value.name = value.name.lowercased()
            declared.values.append(value)
        }
        enums.append(declared)
    }

    /// `CAPTURE_MODE_` for `CaptureMode`, as the style guide of protobuf wants values to begin.
    private static func constantPrefix(of name: String) -> String {
        var prefix = ""
        for character in name {
            if character.isUppercase, !prefix.isEmpty { prefix.append("_") }
            prefix.append(contentsOf: character.uppercased())
        }
        return prefix + "_"
    }
}

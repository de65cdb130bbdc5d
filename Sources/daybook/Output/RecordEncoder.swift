import DaybookCore
import DaybookProjections

/// Makes records of `Encodable` views: names and order are those of the view.
///
/// Amounts stay amounts, so that they are shown in the wanted style. Floating point does not occur in
/// views and is refused.
enum RecordEncoder {
    static func record(_ value: some Encodable) throws -> Record {
        guard case .object(let record) = try field(value) else {
            throw Failure(.failed, code: "internal", "\(type(of: value)) is not a view with fields")
        }
        return record
    }

    static func field(_ value: some Encodable) throws -> Field {
        if let amount = value as? Amount {
            return amount.money.map(Field.money) ?? .text(amount.text)
        }
        let node = FieldNode()
        try value.encode(to: FieldEncoder(node: node, codingPath: []))
        return node.field
    }
}

/// A value under construction.
private final class FieldNode {
    enum Content {
        case field(Field)
        case members([(String, FieldNode)])
        case elements([FieldNode])
    }

    var content = Content.field(.none)

    var field: Field {
        switch content {
        case .field(let field): return field
        case .members(let members): return .object(Record(members.map { ($0.0, $0.1.field) }))
        case .elements(let elements):
            let fields = elements.map(\.field)
            let records = fields.compactMap { field -> Record? in
                if case .object(let record) = field { record } else { nil }
            }
            if records.count == fields.count { return .records(records) }
            var writer = JSONWriter()
            writer.array { writer in fields.forEach { writer.value($0) } }
            return .json(writer.text)
        }
    }

    func member(_ name: String) -> FieldNode {
        var members: [(String, FieldNode)] = []
        if case .members(let known) = content { members = known }
        let node = FieldNode()
        members.append((name, node))
        content = .members(members)
        return node
    }

    func element() -> FieldNode {
        var elements: [FieldNode] = []
        if case .elements(let known) = content { elements = known }
        let node = FieldNode()
        elements.append(node)
        content = .elements(elements)
        return node
    }
}

private struct FieldEncoder: Encoder {
    let node: FieldNode
    let codingPath: [any CodingKey]
    let userInfo: [CodingUserInfoKey: Any] = [:]

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        if case .field(.none) = node.content { node.content = .members([]) }
        return KeyedEncodingContainer(FieldKeyedContainer<Key>(node: node, codingPath: codingPath))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        node.content = .elements([])
        return FieldUnkeyedContainer(node: node, codingPath: codingPath)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer {
        FieldSingleContainer(node: node, codingPath: codingPath)
    }
}

extension FieldNode {
    func set(_ value: some Encodable, path: [any CodingKey]) throws {
        switch value {
        case let text as String: content = .field(.text(text))
        case let flag as Bool: content = .field(.flag(flag))
        case let number as Int: content = .field(.of(number))
        case let number as Int64: content = .field(.of(number))
        case let number as UInt64: content = .field(.of(number))
        case let number as UInt32: content = .field(.of(number))
        case let amount as Amount: content = .field(try RecordEncoder.field(amount))
        default: try value.encode(to: FieldEncoder(node: self, codingPath: path))
        }
    }
}

private struct FieldKeyedContainer<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let node: FieldNode
    let codingPath: [any CodingKey]

    mutating func encodeNil(forKey key: Key) { _ = node.member(key.stringValue) }

    mutating func encode(_ value: some Encodable, forKey key: Key) throws {
        try node.member(key.stringValue).set(value, path: codingPath + [key])
    }

    // Absent values are shown as null, so that rows of one table have the same columns.
    mutating func encodeIfPresent(_ value: (some Encodable)?, forKey key: Key) throws {
        guard let value else { return encodeNil(forKey: key) }
        try encode(value, forKey: key)
    }

    mutating func encodeIfPresent(_ value: String?, forKey key: Key) throws {
        guard let value else { return encodeNil(forKey: key) }
        try encode(value, forKey: key)
    }

    mutating func nestedContainer<Nested: CodingKey>(
        keyedBy keyType: Nested.Type, forKey key: Key
    ) -> KeyedEncodingContainer<Nested> {
        FieldEncoder(node: node.member(key.stringValue), codingPath: codingPath + [key])
            .container(keyedBy: keyType)
    }

    mutating func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        FieldEncoder(node: node.member(key.stringValue), codingPath: codingPath + [key])
            .unkeyedContainer()
    }

    mutating func superEncoder() -> any Encoder {
        FieldEncoder(node: node.member("super"), codingPath: codingPath)
    }

    mutating func superEncoder(forKey key: Key) -> any Encoder {
        FieldEncoder(node: node.member(key.stringValue), codingPath: codingPath + [key])
    }
}

private struct FieldUnkeyedContainer: UnkeyedEncodingContainer {
    let node: FieldNode
    let codingPath: [any CodingKey]
    var count: Int {
        if case .elements(let elements) = node.content { elements.count } else { 0 }
    }

    mutating func encodeNil() { _ = node.element() }

    mutating func encode(_ value: some Encodable) throws {
        try node.element().set(value, path: codingPath)
    }

    mutating func nestedContainer<Nested: CodingKey>(
        keyedBy keyType: Nested.Type
    ) -> KeyedEncodingContainer<Nested> {
        FieldEncoder(node: node.element(), codingPath: codingPath).container(keyedBy: keyType)
    }

    mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
        FieldEncoder(node: node.element(), codingPath: codingPath).unkeyedContainer()
    }

    mutating func superEncoder() -> any Encoder {
        FieldEncoder(node: node.element(), codingPath: codingPath)
    }
}

private struct FieldSingleContainer: SingleValueEncodingContainer {
    let node: FieldNode
    let codingPath: [any CodingKey]

    mutating func encodeNil() { node.content = .field(.none) }

    mutating func encode(_ value: some Encodable) throws {
        guard !(value is any BinaryFloatingPoint) else {
            throw EncodingError.invalidValue(
                value, .init(codingPath: codingPath, debugDescription: "views have no fractions"))
        }
        try node.set(value, path: codingPath)
    }
}

import DaybookCore
import DaybookDecisions

/// Why an object does not say what it should.
struct FieldError: Error, Hashable, Sendable {
    /// From the outside in: `items[1].quantity`.
    var path: String
    var problem: String
    var byteOffset: Int
}

/// Takes the members of an object one by one and refuses what is left over.
struct ObjectReader {
    private let path: String
    private let byteOffset: Int
    private let members: [JSONMember]
    private var taken: Set<String> = []

    /// - Parameter path: where the object stands; empty for the outermost.
    init(_ node: JSONNode, path: String = "") throws(FieldError) {
        guard case .object(let members) = node.value else {
            throw FieldError(
                path: path, problem: "expected an object, got \(node.kind)",
                byteOffset: node.byteOffset)
        }
        self.path = path
        self.members = members
        byteOffset = node.byteOffset
    }

    /// The member's value; `nil` when it is absent or null.
    mutating func optional(_ name: String) -> JSONNode? {
        taken.insert(name)
        guard let node = members.first(where: { $0.name == name })?.node, node.value != .null else {
            return nil
        }
        return node
    }

    mutating func required(_ name: String) throws(FieldError) -> JSONNode {
        guard let node = optional(name) else {
            throw FieldError(
                path: inner(name), problem: "is missing", byteOffset: byteOffset)
        }
        return node
    }

    /// - Throws: ``FieldError`` for the first member that nobody asked for.
    func finish() throws(FieldError) {
        guard let unknown = members.first(where: { !taken.contains($0.name) }) else { return }
        let close = Spelling.nearest(to: unknown.name, among: taken.sorted())
        throw FieldError(
            path: inner(unknown.name),
            problem: "is not a field of this" + (close.map { "; did you mean \($0)?" } ?? ""),
            byteOffset: unknown.node.byteOffset)
    }

    func inner(_ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }

    func error(_ name: String, _ node: JSONNode, _ problem: String) -> FieldError {
        FieldError(path: inner(name), problem: problem, byteOffset: node.byteOffset)
    }
}

// MARK: - Values

extension ObjectReader {
    mutating func text(_ name: String) throws(FieldError) -> String {
        try text(name, required(name))
    }

    mutating func optionalText(_ name: String) throws(FieldError) -> String? {
        guard let node = optional(name) else { return nil }
        return try text(name, node)
    }

    private func text(_ name: String, _ node: JSONNode) throws(FieldError) -> String {
        guard case .text(let text) = node.value else {
            throw error(name, node, "expected text, got \(node.kind)")
        }
        return text
    }

    mutating func flag(_ name: String, default fallback: Bool) throws(FieldError) -> Bool {
        guard let node = optional(name) else { return fallback }
        guard case .flag(let flag) = node.value else {
            throw error(name, node, "expected true or false, got \(node.kind)")
        }
        return flag
    }

    mutating func integer(_ name: String) throws(FieldError) -> Int {
        try integer(name, required(name))
    }

    mutating func optionalInteger(_ name: String) throws(FieldError) -> Int? {
        guard let node = optional(name) else { return nil }
        return try integer(name, node)
    }

    private func integer(_ name: String, _ node: JSONNode) throws(FieldError) -> Int {
        guard case .integer(let number) = node.value else {
            if case .otherNumber(let text) = node.value, text.utf8.allSatisfy({ $0 != 0x2E }) {
                throw error(name, node, "\(text) does not fit 64 bits")
            }
            throw error(name, node, "expected a whole number, got \(node.kind)")
        }
        return Int(number)
    }

    /// A value with a text form, such as an identifier.
    mutating func value<T>(
        _ name: String, _ kind: String, _ read: (String) -> T?
    ) throws(FieldError) -> T {
        let node = try required(name)
        let text = try text(name, node)
        guard let value = read(text) else { throw error(name, node, "'\(text)' is not \(kind)") }
        return value
    }

    mutating func optionalValue<T>(
        _ name: String, _ kind: String, _ read: (String) -> T?
    ) throws(FieldError) -> T? {
        guard optional(name) != nil else { return nil }
        return try value(name, kind, read)
    }

    /// `{"minor":999,"currency":"GBP"}` or `"9.99 GBP"`.
    mutating func money(_ name: String) throws(FieldError) -> Money {
        try money(name, required(name))
    }

    mutating func optionalMoney(_ name: String) throws(FieldError) -> Money? {
        guard let node = optional(name) else { return nil }
        return try money(name, node)
    }

    private func money(_ name: String, _ node: JSONNode) throws(FieldError) -> Money {
        if case .text(let text) = node.value {
            guard let money = Money(argument: text) else {
                throw error(name, node, "'\(text)' is not an amount such as \"9.99 GBP\"")
            }
            return money
        }
        guard case .object = node.value else {
            throw error(
                name, node,
                "expected {\"minor\":999,\"currency\":\"GBP\"} or \"9.99 GBP\", got \(node.kind)")
        }
        var reader = try ObjectReader(node, path: inner(name))
        let minor = try reader.integer("minor")
        let currency = try reader.value("currency", "a currency of ISO 4217") { Currency($0) }
        try reader.finish()
        return Money(minor: Int64(minor), currency: currency)
    }

    /// The elements of an array, each read as an object.
    mutating func objects<T>(
        _ name: String, _ read: (inout ObjectReader) throws(FieldError) -> T
    ) throws(FieldError) -> [T] {
        let node = try required(name)
        guard case .array(let nodes) = node.value else {
            throw error(name, node, "expected an array, got \(node.kind)")
        }
        var values: [T] = []
        for (index, node) in nodes.enumerated() {
            var reader = try ObjectReader(node, path: "\(inner(name))[\(index)]")
            values.append(try read(&reader))
            try reader.finish()
        }
        return values
    }

    mutating func optionalObjects<T>(
        _ name: String, _ read: (inout ObjectReader) throws(FieldError) -> T
    ) throws(FieldError) -> [T]? {
        guard optional(name) != nil else { return nil }
        return try objects(name, read)
    }
}

/// One named fact about a rejection.
public struct RejectionDetail: Hashable, Sendable {
    /// `snake_case`.
    public var name: String
    public var value: Value

    public indirect enum Value: Hashable, Sendable {
        case text(String)
        case number(Int64)
        case texts([String])
        /// One object per element, with fields in order.
        case list([[RejectionDetail]])
    }

    public init(_ name: String, _ value: Value) {
        self.name = name
        self.value = value
    }

    init(_ name: String, _ text: some CustomStringConvertible) {
        self.init(name, .text(text.description))
    }

    init(_ name: String, number: some BinaryInteger) {
        self.init(name, .number(Int64(clamping: number)))
    }
}

extension RejectionDetail.Value: CustomStringConvertible {
    /// For people: `3`, `A-1`, `a, b`, `[line 2: sku A; …]`.
    public var description: String {
        switch self {
        case .text(let text): text
        case .number(let number): String(number)
        case .texts(let texts): texts.joined(separator: ", ")
        case .list(let elements):
            "["
                + elements.map { fields in
                    fields.map { "\($0.name)=\($0.value)" }.joined(separator: " ")
                }.joined(separator: "; ") + "]"
        }
    }
}

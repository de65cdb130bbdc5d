public import DaybookCore

/// What a selector says, with the position that it is true at.
public struct Answer<Value: Sendable>: Sendable {
    public let value: Value
    /// Everything up to here is in the value, nothing beyond it.
    public let position: LogPosition

    public init(value: Value, position: LogPosition) {
        self.value = value
        self.position = position
    }
}

extension Answer: Equatable where Value: Equatable {}
extension Answer: Hashable where Value: Hashable {}
extension Answer: Encodable where Value: Encodable {}
extension Answer: Decodable where Value: Decodable {}

/// One page of a list.
public struct Page<Item: Sendable>: Sendable {
    public let items: [Item]
    /// Give it as `after` for the next page; `nil` on the last page.
    public let next: OrderCursor?

    public init(items: [Item], next: OrderCursor?) {
        self.items = items
        self.next = next
    }
}

extension Page: Equatable where Item: Equatable {}
extension Page: Hashable where Item: Hashable {}
extension Page: Encodable where Item: Encodable {}
extension Page: Decodable where Item: Decodable {}

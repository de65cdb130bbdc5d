import DaybookCore

/// Elements in a slab, found by identifier; places that become free are used again.
struct IdentifierTable<Element: Sendable>: Sendable {
    private var slots = IdentifierMap<Int32>(filler: -1)
    private var elements = ChunkedArray<Element?>()
    private var freeSlots: [Int32] = []

    var count: Int { elements.count - freeSlots.count }

    func contains(_ identifier: UInt128) -> Bool { slots[identifier] != nil }

    subscript(_ identifier: UInt128) -> Element? {
        slots[identifier].flatMap { elements[Int($0)] }
    }

    /// Adds the element or replaces the one of the same identifier.
    mutating func set(_ element: Element, for identifier: UInt128) {
        if let slot = slots[identifier] {
            elements[Int(slot)] = element
        } else if let slot = freeSlots.popLast() {
            elements[Int(slot)] = element
            slots.set(slot, for: identifier)
        } else {
            slots.set(Int32(elements.count), for: identifier)
            elements.append(element)
        }
    }

    /// Changes an element in place.
    ///
    /// - Returns: what `change` says; `nil` when there is no such element.
    mutating func update<Result>(
        _ identifier: UInt128, _ change: (inout Element) -> Result
    ) -> Result? {
        guard let slot = slots[identifier] else { return nil }
        return elements[Int(slot)].changeInPlace(change)
    }

    @discardableResult
    mutating func remove(_ identifier: UInt128) -> Element? {
        guard let slot = slots.remove(identifier) else { return nil }
        defer { elements[Int(slot)] = nil }
        freeSlots.append(slot)
        return elements[Int(slot)]
    }

    /// Every element, in no order that means anything.
    var all: some Sequence<Element> { elements.lazy.compactMap(\.self) }
}

extension Optional {
    fileprivate mutating func changeInPlace<Result>(
        _ change: (inout Wrapped) -> Result
    ) -> Result? {
        guard self != nil else { return nil }
        return change(&self!)
    }
}

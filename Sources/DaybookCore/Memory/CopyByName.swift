/// What is copied only where a program says so.
@usableFromInline
package protocol CopyableByName: ~Copyable, Sendable {
    func copy() -> Self
}

/// A value that cannot be copied by accident: shared by copies of this one until one of them changes it.
///
/// Reading borrows it where it is. Everything is inlinable: what is not specialised for its value costs more
/// than what it saves.
@usableFromInline
package struct CopyByName<Value: CopyableByName & ~Copyable>: Sendable {
    @usableFromInline
    // Unchecked: it is changed only by whoever holds the one reference to it.
    final class Box: @unchecked Sendable {
        @exclusivity(unchecked) @usableFromInline var value: Value

        @inlinable
        init(_ value: consuming Value) {
            self.value = value
        }
    }

    @usableFromInline var box: Box

    @inlinable
    package init(_ value: consuming Value) {
        box = Box(value)
    }

    @inlinable package var value: Value {
        _read { yield box.value }
        _modify {
            if !isKnownUniquelyReferenced(&box) { box = Box(box.value.copy()) }
            yield &box.value
        }
    }
}

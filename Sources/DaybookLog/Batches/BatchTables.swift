internal import DaybookCore

/// The tables of the batch that is being visited, in memory that is used again for the next one.
///
/// Confined to one scan; not thread-safe.
package final class BatchTables {
    struct State {
        /// The number of each type's name in `names`.
        var types: [Int] = []
        var tags: [UnsafeRawBufferPointer] = []
        /// Of types and commands: the same come again and again, so each string is made once.
        var names = NameTable()
    }

    /// Behind a pointer: the accesses to a class's variables would be tracked at run time, several for
    /// each event.
    let state: UnsafeMutablePointer<State>

    package init() {
        state = .allocate(capacity: 1)
        state.initialize(to: State())
    }

    deinit {
        state.deinitialize(count: 1)
        state.deallocate()
    }

    func removeAll() {
        state.pointee.types.removeAll(keepingCapacity: true)
        state.pointee.tags.removeAll(keepingCapacity: true)
        state.pointee.names.forgetSurplus()
    }

    /// Adds the next type of the batch.
    ///
    /// - Returns: `false` when the bytes are not UTF-8.
    func addType(named name: UnsafeRawBufferPointer) -> Bool {
        guard let number = state.pointee.names.number(of: name) else { return false }
        state.pointee.types.append(number)
        return true
    }
}

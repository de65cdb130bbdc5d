internal import DaybookCore

/// The tables of the batch that is being visited, in memory that is used again for the next one.
///
/// Confined to one scan; not thread-safe.
package final class BatchTables {
    var types: [EventType] = []
    var tags: [UnsafeRawBufferPointer] = []
    private var interned: [(bytes: [UInt8], type: EventType)] = []

    /// More type names than any application has; beyond, names are made anew each time.
    private static let internLimit = 1024

    package init() {}

    func removeAll() {
        types.removeAll(keepingCapacity: true)
        tags.removeAll(keepingCapacity: true)
    }

    /// The type of that name; the same names come again and again, so each string is made once.
    ///
    /// - Returns: `nil` when the bytes are not UTF-8.
    func type(named name: UnsafeRawBufferPointer) -> EventType? {
        for index in interned.indices {
            let isSame = interned[index].bytes.withUnsafeBytes { bytes in
                bytes.count == name.count && bytes.elementsEqual(name)
            }
            if isSame { return interned[index].type }
        }
        guard let text = String(utf8: name) else { return nil }
        let type = EventType(rawValue: text)
        if interned.count < BatchTables.internLimit { interned.append((Array(name), type)) }
        return type
    }
}

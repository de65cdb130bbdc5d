/// Takes in the tags of an event one after another, without a list of them.
@usableFromInline
package protocol TagSink: ~Copyable {
    mutating func add(label: String, identifier: UInt128)
    mutating func add(label: String, text: String)
}

extension TagSink where Self: ~Copyable {
    @inlinable
    package mutating func add<ID: TypedIdentifier>(_ identifier: ID) {
        add(label: ID.tagLabel, identifier: identifier.rawValue)
    }

    @usableFromInline
    package mutating func add(_ tag: Tag) {
        switch tag.value {
        case .text(let text): add(label: tag.label, text: text)
        case .identifier(let identifier): add(label: tag.label, identifier: identifier)
        }
    }
}

/// The tags as a list.
package struct TagList: TagSink {
    package private(set) var tags: [Tag] = []

    package init() {}

    package mutating func add(label: String, identifier: UInt128) {
        tags.append(Tag(label: label, identifier: identifier))
    }

    package mutating func add(label: String, text: String) {
        tags.append(Tag(label: label, text: text))
    }
}

/// An array in chunks, so that a copy that is changed copies one chunk and not everything.
///
/// A transaction decides on a copy of the state, and most of what it copies would be tables of which it
/// changes a few elements.
package struct ChunkedArray<Element: Sendable>: Sendable {
    private var chunks: [[Element]] = []
    package private(set) var count = 0

    private static var chunkCount: Int { 64 }

    package init() {}

    package subscript(_ index: Int) -> Element {
        _read { yield chunks[index >> 6][index & 63] }
        _modify { yield &chunks[index >> 6][index & 63] }
    }

    mutating func append(_ element: Element) {
        if count & 63 == 0 {
            chunks.append([])
            // A small table stays small.
            if count > 0 { chunks[chunks.count - 1].reserveCapacity(ChunkedArray.chunkCount) }
        }
        chunks[chunks.count - 1].append(element)
        count += 1
    }
}

extension ChunkedArray: RandomAccessCollection {
    package var startIndex: Int { 0 }
    package var endIndex: Int { count }
}

extension ChunkedArray: Equatable where Element: Equatable {
    package static func == (left: ChunkedArray, right: ChunkedArray) -> Bool {
        left.count == right.count && left.elementsEqual(right)
    }
}

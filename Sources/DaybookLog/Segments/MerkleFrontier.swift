package import DaybookCore

/// The right edge of the Merkle tree over all batches: enough to add leaves and to tell the root.
///
/// Holds one digest for each bit that is set in the size, the largest subtree first.
///
/// Source: RFC 6962 section 2.1.
package struct MerkleFrontier: Hashable, Sendable {
    /// Leaves so far; equals the number of the last batch.
    package private(set) var size: UInt64
    package private(set) var subtrees: [Digest]

    package init() {
        size = 0
        subtrees = []
    }

    /// `nil` unless there are as many subtrees as `size` has set bits.
    package init?(size: UInt64, subtrees: [Digest]) {
        guard subtrees.count == size.nonzeroBitCount else { return nil }
        self.size = size
        self.subtrees = subtrees
    }

    /// Adds one leaf; amortised one inner node.
    package mutating func append(leaf: Digest, hash: HashFunction) {
        var node = leaf
        var rest = size
        while rest & 1 == 1 {
            node = hash.merkleNode(subtrees.removeLast(), node)
            rest >>= 1
        }
        subtrees.append(node)
        size += 1
        invariant(
            subtrees.count == size.nonzeroBitCount, "MerkleFrontier: one subtree a bit of the size")
    }

    /// The root; O(log size) hashes.
    package func root(hash: HashFunction) -> Digest {
        invariant(
            subtrees.count == size.nonzeroBitCount, "MerkleFrontier: one subtree a bit of the size")
        guard var node = subtrees.last else { return hash.emptyTreeRoot }
        for subtree in subtrees.dropLast().reversed() { node = hash.merkleNode(subtree, node) }
        return node
    }
}

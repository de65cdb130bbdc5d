/// The Merkle tree of a log, RFC 6962 section 2.1; keeps the roots of its complete subtrees.
struct NaiveTree: Sendable {
    /// Of level n, the roots over each 2^n leaves in turn, as far as these are there.
    private var levels: [[NaiveDigest]] = [[]]

    var leafCount: Int { levels[0].count }

    mutating func append(leaf: NaiveDigest) {
        levels[0].append(leaf)
        var level = 0
        while levels[level].count.isMultiple(of: 2) {
            let pair = levels[level].suffix(2)
            if levels.count == level + 1 { levels.append([]) }
            levels[level + 1].append(NaiveTree.node(pair[pair.startIndex], pair[pair.endIndex - 1]))
            level += 1
        }
    }

    /// Goes back to fewer leaves.
    mutating func cut(to leafCount: Int) {
        guard leafCount < self.leafCount else { return }
        for level in levels.indices {
            levels[level].removeLast(levels[level].count - leafCount >> level)
        }
    }

    /// Over the first leaves.
    func root(of leafCount: Int) -> NaiveDigest {
        leafCount == 0 ? NaiveHasher().digest() : root(0..<leafCount)
    }

    /// By the definition: what is left of the largest power of two below the count, and the rest.
    private func root(_ leaves: Range<Int>) -> NaiveDigest {
        if leaves.count.nonzeroBitCount == 1 {
            let level = leaves.count.trailingZeroBitCount
            return levels[level][leaves.lowerBound >> level]
        }
        var split = 1
        while split * 2 < leaves.count { split *= 2 }
        let middle = leaves.lowerBound + split
        return NaiveTree.node(root(leaves.lowerBound..<middle), root(middle..<leaves.upperBound))
    }

    /// Roots of the complete subtrees of the first leaves, the largest first.
    func subtreeRoots(of leafCount: Int) -> [NaiveDigest] {
        var roots: [NaiveDigest] = []
        var start = 0
        for bit in (0..<UInt64.bitWidth).reversed() where leafCount >> bit & 1 == 1 {
            roots.append(root(start..<(start + 1 << bit)))
            start += 1 << bit
        }
        return roots
    }

    private static func node(_ left: NaiveDigest, _ right: NaiveDigest) -> NaiveDigest {
        var hasher = NaiveHasher(domain: 1)
        hasher.add(left)
        hasher.add(right)
        return hasher.digest()
    }
}

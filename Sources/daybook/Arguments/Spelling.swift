/// Finds the word that was probably meant.
enum Spelling {
    /// The candidate at the smallest edit distance; `nil` when none is near. Of equals the first.
    static func nearest(to word: String, among candidates: [String]) -> String? {
        let limit = max(1, word.count / 3)
        // Longer by more than the limit is further away than the limit: a word of a megabyte need not
        // be compared letter by letter.
        let near = candidates.filter { word.count - $0.count <= limit }
        let ranked = near.map { ($0, distance(word, $0)) }
        return ranked.filter { $0.1 <= limit || $0.0.hasPrefix(word) && word.count >= 2 }
            .min { $0.1 < $1.1 }?.0
    }

    /// Insertions, deletions, replacements and swaps of neighbours.
    ///
    /// Source: optimal string alignment distance.
    static func distance(_ left: String, _ right: String) -> Int {
        let left = Array(left.lowercased())
        let right = Array(right.lowercased())
        guard !left.isEmpty, !right.isEmpty else { return max(left.count, right.count) }
        var rows = [Array(0...right.count)]
        for row in 1...left.count {
            var current = [row] + Array(repeating: 0, count: right.count)
            for column in 1...right.count {
                let isSame = left[row - 1] == right[column - 1]
                current[column] = min(
                    rows[row - 1][column] + 1, current[column - 1] + 1,
                    rows[row - 1][column - 1] + (isSame ? 0 : 1))
                if row > 1, column > 1, left[row - 1] == right[column - 2],
                    left[row - 2] == right[column - 1]
                {
                    current[column] = min(current[column], rows[row - 2][column - 2] + 1)
                }
            }
            rows.append(current)
        }
        return rows[left.count][right.count]
    }
}

/// Makes a failing record of choices as small as it gets: fewer choices first, then smaller ones.
///
/// Tries simplifications one after another, keeps each that still fails in the same way, and begins
/// again until none helps or the runs are used up. Deterministic.
struct Shrinker {
    /// What a run of some choices came to.
    struct Attempt {
        /// What was really drawn.
        var record: [UInt64]
        var spans: [Choices.Span]
        var places: [Choices.Place]

        init(_ choices: Choices) {
            record = choices.record
            spans = choices.spans
            places = choices.places
        }
    }

    private(set) var best: Attempt
    private(set) var runs = 0
    private let limit: Int
    /// `nil`: it does not fail, or in another way.
    private let run: ([UInt64]) -> Attempt?
    private var seen: Set<[UInt64]> = []

    init(_ first: Attempt, limit: Int, run: @escaping ([UInt64]) -> Attempt?) {
        best = first
        self.limit = limit
        self.run = run
    }

    mutating func shrink() {
        var before: [UInt64]
        repeat {
            before = best.record
            deleteSiblings()
            deleteSpans()
            deleteChunks()
            hoistParts()
            zeroParts()
            for index in stride(from: best.record.count - 1, through: 0, by: -1) {
                minimise(index)
            }
            lowerTogether()
            sortParts()
            redistribute()
            if best.record == before { mergeParts() }
        } while best.record != before && runs < limit
    }

    /// Keeps the candidate if it fails and is simpler.
    mutating func consider(_ candidate: [UInt64]) -> Bool {
        guard runs < limit, candidate != best.record, seen.insert(candidate).inserted else {
            return false
        }
        runs += 1
        guard let attempt = run(candidate) else { return false }
        seen.insert(attempt.record)
        guard Shrinker.isSimpler(attempt.record, than: best.record) else { return false }
        best = attempt
        return true
    }

    static func isSimpler(_ left: [UInt64], than right: [UInt64]) -> Bool {
        left.count != right.count
            ? left.count < right.count : left.lexicographicallyPrecedes(right)
    }

    private func without(_ range: Range<Int>) -> [UInt64] {
        Array(best.record[..<range.lowerBound] + best.record[range.upperBound...])
    }
}

// MARK: - Fewer choices

extension Shrinker {
    /// The parts directly inside a part.
    private func children(of index: Int) -> [Range<Int>] {
        let depth = best.spans[index].depth
        var children: [Range<Int>] = []
        for span in best.spans[(index + 1)...] {
            if span.depth <= depth { break }
            if span.depth == depth + 1, !span.range.isEmpty { children.append(span.range) }
        }
        return children
    }

    /// Takes runs of neighbouring parts out: halves first, then quarters, down to single ones.
    private mutating func deleteSiblings() {
        var parent = 0
        // Parts begin in this order, and what is taken out of one begins behind it.
        while parent < best.spans.count {
            var width = children(of: parent).count
            while width >= 1, parent < best.spans.count {
                var start = children(of: parent).count - width
                while start >= 0, parent < best.spans.count {
                    let parts = children(of: parent)
                    guard start + width <= parts.count else {
                        start = parts.count - width
                        continue
                    }
                    let last = parts[start + width - 1]
                    _ = consider(without(parts[start].lowerBound..<last.upperBound))
                    start -= max(1, width / 2)
                }
                width /= 2
            }
            parent += 1
        }
    }

    private mutating func deleteSpans() {
        var index = best.spans.count - 1
        while index >= 0 {
            if index < best.spans.count, best.spans[index].range.count > 1 {
                _ = consider(without(best.spans[index].range))
            }
            index -= 1
        }
    }

    /// Takes a few neighbouring choices out, also with the number before them lowered by one, which
    /// may be their count.
    private mutating func deleteChunks() {
        for width in [8, 4, 3, 2, 1] {
            var start = best.record.count - width
            while start >= 0 {
                guard start + width <= best.record.count else {
                    start = best.record.count - width
                    continue
                }
                var shorter = without(start..<(start + width))
                if !consider(shorter), start > 0, shorter[start - 1] > 0 {
                    shorter[start - 1] -= 1
                    _ = consider(shorter)
                }
                start -= 1
            }
        }
    }

    /// Takes a part out and raises a number elsewhere by what the part may have stood for: two small
    /// amounts become one larger one. Tried last, because most of its attempts are in vain.
    private mutating func mergeParts() {
        var parent = 0
        while parent < best.spans.count {
            let parts = children(of: parent)
            if parts.count > 1 {
                for part in parts.reversed() where merge(part) {
                    // Everything lies elsewhere now; the next round goes on.
                    return
                }
            }
            parent += 1
        }
    }

    private mutating func merge(_ part: Range<Int>) -> Bool {
        var stood: Set<UInt64> = [1]
        for value in best.record[part] where value > 0 { stood.formUnion([value, value &+ 1]) }
        let amounts = stood.sorted()
        for index in max(0, part.lowerBound - 40)..<min(best.record.count, part.upperBound + 40) {
            let room = best.places[index].maximum - best.record[index]
            // A number of two values is a decision, not an amount.
            guard !part.contains(index), best.places[index].maximum > 1, room > 0 else { continue }
            for amount in amounts where amount <= room {
                var merged = best.record
                merged[index] += amount
                merged.removeSubrange(part)
                if consider(merged) { return true }
            }
        }
        return false
    }

    /// Puts a part inside a part in the place of the whole.
    private mutating func hoistParts() {
        var index = 0
        while index < best.spans.count {
            let outer = best.spans[index].range
            let inner = children(of: index)
            index += 1
            guard outer.count <= 64 else { continue }
            for part in inner where part.count < outer.count {
                let hoisted =
                    best.record[..<outer.lowerBound] + best.record[part]
                    + best.record[outer.upperBound...]
                if consider(Array(hoisted)) { break }
            }
        }
    }
}

// MARK: - Smaller choices

extension Shrinker {
    private mutating func zeroParts() {
        var index = 0
        while index < best.spans.count {
            let range = best.spans[index].range
            index += 1
            guard range.count > 1, best.record[range].contains(where: { $0 > 0 }) else { continue }
            var zeroed = best.record
            for place in range { zeroed[place] = 0 }
            _ = consider(zeroed)
        }
    }

    private mutating func consider(_ index: Int, _ value: UInt64) -> Bool {
        guard index < best.record.count, value < best.record[index] else { return false }
        var lowered = best.record
        lowered[index] = value
        return consider(lowered)
    }

    /// The smallest number in this place: by halving, then by looking at some that halving leaps over.
    private mutating func minimise(_ index: Int) {
        guard index < best.record.count, best.record[index] > 0, !consider(index, 0) else { return }
        var low: UInt64 = 0
        while index < best.record.count, best.record[index] - low > 1 {
            let middle = low + (best.record[index] - low) / 2
            if !consider(index, middle) { low = middle }
            guard index < best.record.count, best.record[index] > low else { return }
        }
        for value in 1...UInt64(6) { if consider(index, value) { break } }
        for step in 1...UInt64(6) where index < best.record.count && best.record[index] > step {
            if consider(index, best.record[index] - step) { break }
        }
        for bit in UInt64(0)..<64 where index < best.record.count {
            let value = best.record[index]
            if value >> bit == 0 { break }
            _ = consider(index, value & ~(1 << bit))
        }
    }

    /// Lowers numbers that are equal, or near each other, by the same amount.
    private mutating func lowerTogether() {
        let values = Set(best.record.filter { $0 > 0 }).sorted()
        for value in values {
            let places = best.record.indices.filter { best.record[$0] == value }
            guard places.count > 1 else { continue }
            lower(places)
            for group in grouped(places, by: { $0.maximum }) { lower(group) }
            for group in grouped(places, by: { $0 }) { lower(group) }
        }
        for first in best.record.indices {
            for distance in 1...8 where first + distance < best.record.count {
                lower([first, first + distance])
            }
        }
    }

    private func grouped<Key: Hashable>(
        _ indices: [Int], by key: (Choices.Place) -> Key
    ) -> [[Int]] {
        var groups: [(key: Key, indices: [Int])] = []
        for index in indices where index < best.places.count {
            let key = key(best.places[index])
            if let place = groups.firstIndex(where: { $0.key == key }) {
                groups[place].indices.append(index)
            } else {
                groups.append((key, [index]))
            }
        }
        return groups.map(\.indices).filter { $0.count > 1 }
    }

    private mutating func lower(_ places: [Int]) {
        guard places.allSatisfy({ $0 < best.record.count && best.record[$0] > 0 }) else { return }
        var amount = places.map { best.record[$0] }.min() ?? 0
        while amount > 0, places.allSatisfy({ $0 < best.record.count }) {
            var lowered = best.record
            guard places.allSatisfy({ lowered[$0] >= amount }) else {
                amount /= 2
                continue
            }
            for place in places { lowered[place] -= amount }
            if !consider(lowered) { amount /= 2 }
        }
    }

    /// Puts the simpler of two neighbouring parts, and the smaller of two numbers, in front.
    private mutating func sortParts() {
        var index = 0
        while index < best.spans.count {
            var place = 0
            while index < best.spans.count, place + 1 < children(of: index).count {
                let parts = children(of: index)
                let (left, right) = (parts[place], parts[place + 1])
                place += 1
                guard left.upperBound == right.lowerBound,
                    Shrinker.isSimpler(
                        Array(best.record[right]), than: Array(best.record[left]))
                else { continue }
                let swapped =
                    best.record[..<left.lowerBound] + best.record[right] + best.record[left]
                    + best.record[right.upperBound...]
                if consider(Array(swapped)), place > 1 { place -= 2 }
            }
            index += 1
        }
        for first in best.record.indices {
            for second in best.record.indices.dropFirst(first + 1).prefix(8)
            where second < best.record.count && best.record[second] < best.record[first] {
                var swapped = best.record
                swapped.swapAt(first, second)
                _ = consider(swapped)
            }
        }
    }

    /// Moves amounts from a number to a later one, so that the first may become 0 and go.
    private mutating func redistribute() {
        for first in best.record.indices {
            for distance in 1...8 {
                let second = first + distance
                guard second < best.record.count, best.record[first] > 0 else { break }
                var amount = best.record[first]
                while amount > 0, second < best.record.count, best.record[first] > 0 {
                    var moved = best.record
                    amount = min(amount, moved[first])
                    let (sum, overflow) = moved[second].addingReportingOverflow(amount)
                    moved[first] -= amount
                    moved[second] = sum
                    if overflow || !consider(moved) { amount /= 2 }
                }
            }
        }
    }
}

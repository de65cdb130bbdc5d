import Glibc

extension [UInt8] {
    /// Whether both hold the same; `==` goes element by element.
    func isSame(as other: [UInt8]) -> Bool {
        guard count == other.count else { return false }
        return withUnsafeBytes { left in
            other.withUnsafeBytes { right in
                guard let left = left.baseAddress, let right = right.baseAddress else {
                    return true
                }
                return memcmp(left, right, count) == 0
            }
        }
    }

    /// Where two files begin to differ, as far as both go.
    func firstDifference(from other: [UInt8]) -> Int? {
        let end = Swift.min(count, other.count)
        return withUnsafeBytes { left in
            other.withUnsafeBytes { right -> Int? in
                guard let left = left.baseAddress, let right = right.baseAddress else {
                    return nil
                }
                let block = 512
                for start in stride(from: 0, to: end, by: block) {
                    let size = Swift.min(block, end - start)
                    guard memcmp(left + start, right + start, size) != 0 else { continue }
                    return (start..<(start + size)).first { self[$0] != other[$0] }
                }
                return nil
            }
        }
    }
}

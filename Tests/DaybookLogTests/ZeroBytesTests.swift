import Testing

@testable import DaybookLog

/// Looking for what is not zero, at every length and place around the widths that are looked at at once.
@Suite struct `Bytes that are zero` {
    @Test func `given one byte at any place, when looked for, then it is found`() {
        for count in 0...100 {
            let zeros = [UInt8](repeating: 0, count: count)
            zeros.withUnsafeBytes {
                #expect($0.isZero && $0.lastNonZero == nil, "\(count) zeros")
            }
            for place in 0..<count {
                var bytes = zeros
                bytes[place] = 1 << UInt8(place % 8)
                bytes.withUnsafeBytes {
                    #expect(!$0.isZero && $0.lastNonZero == place, "\(place) of \(count)")
                }
                bytes[0] = 7
                bytes.withUnsafeBytes {
                    #expect($0.lastNonZero == place, "\(place) of \(count), and the first")
                }
            }
        }
    }
}

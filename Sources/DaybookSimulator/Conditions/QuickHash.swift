import DaybookCore

extension HashFunction {
    /// No defence against anybody, but cheap: for campaigns that ask what the log answers, not what it
    /// survives.
    static let quick = HashFunction { first, second in
        var state: (UInt64, UInt64, UInt64, UInt64) = (
            0x243F_6A88_85A3_08D3, 0x1319_8A2E_0370_7344, 0xA409_3822_299F_31D0,
            0x082E_FA98_EC4E_6C89
        )
        func mix(_ word: UInt64) {
            let product = (state.0 ^ word).multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
            state = (state.1 ^ product.low, state.2 &+ product.high, state.3 ^ word, product.low)
        }
        func mix(_ part: UnsafeRawBufferPointer) {
            var offset = 0
            while offset + 8 <= part.count {
                mix(part.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
                offset += 8
            }
            var tail = UInt64(part.count) << 56
            for index in offset..<part.count { tail = tail << 8 ^ UInt64(part[index]) }
            mix(tail)
        }
        mix(first)
        mix(second)
        for _ in 0..<4 { mix(0) }
        return withUnsafeBytes(of: state) { Digest(bytes: $0) }
    }
}

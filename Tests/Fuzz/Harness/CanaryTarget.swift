/// Planted mistakes, one of each kind that a run must notice. A fuzzer that finds nothing proves
/// nothing until it was seen to find these.
enum CanaryTarget {
    private static func isWord(_ input: UnsafeRawBufferPointer) -> Bool {
        input.count >= 4 && input[0] == 0x64 && input[1] == 0x61 && input[2] == 0x79
            && input[3] == 0x62
    }

    /// Traps behind four bytes that chance alone would not find.
    static func trap(_ input: UnsafeRawBufferPointer) {
        guard isWord(input) else { return }
        let bytes = Array(input)
        precondition(bytes.isEmpty, "the canary")
    }

    /// Holds as much memory as the input says.
    static func allocate(_ input: UnsafeRawBufferPointer) {
        guard input.count >= 4, input[0] == 0x64 else { return }
        let count = Int(input[1]) << 20
        let memory = UnsafeMutableRawPointer.allocate(byteCount: count + 1, alignment: 16)
        memory.storeBytes(of: 1, toByteOffset: count, as: UInt8.self)
        memory.deallocate()
    }

    /// Reads behind memory.
    static func overflow(_ input: UnsafeRawBufferPointer) {
        guard input.count >= 2, input[0] == 0x64 else { return }
        let memory = UnsafeMutableRawPointer.allocate(byteCount: 16, alignment: 16)
        memory.initializeMemory(as: UInt8.self, repeating: 0, count: 16)
        let byte = memory.load(fromByteOffset: Int(input[1]), as: UInt8.self)
        if byte == 0xAA { print("never") }
        memory.deallocate()
    }

    /// Takes longer than an input may.
    static func linger(_ input: UnsafeRawBufferPointer) {
        guard input.count >= 2, input[0] == 0x64 else { return }
        var sum: UInt64 = 0
        for number in 0..<(UInt64(input[1]) << 22) { sum = sum &* 31 ^ number }
        if sum == 1 { print("hardly ever") }
    }

    /// Forgets memory.
    static func leak(_ input: UnsafeRawBufferPointer) {
        guard input.count >= 1, input[0] == 0x64 else { return }
        forgotten = UnsafeMutableRawPointer.allocate(byteCount: 24 + input.count, alignment: 16)
        forgotten = nil
    }

    nonisolated(unsafe) private static var forgotten: UnsafeMutableRawPointer?
}

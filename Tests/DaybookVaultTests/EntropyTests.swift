import DaybookVault
import Testing

@Suite struct `Entropy` {
    @Test
    func `given one seed, then the same bytes come in the same order, however they are asked for`()
    {
        let whole = SeededEntropy(seed: 7).bytes(100)
        let source = SeededEntropy(seed: 7)
        let parts = source.bytes(1) + source.bytes(0) + source.bytes(67) + source.bytes(32)
        #expect(parts == whole)
        #expect(SeededEntropy(seed: 8).bytes(100) != whole)
    }

    @Test(arguments: [0, 1, 7, 8, 12, 16, 32, 33])
    func `given the system's entropy, then it gives as many bytes as asked for`(count: Int) {
        #expect(SystemEntropy().bytes(count).count == count)
    }

    @Test func `given the system's entropy, then it does not repeat itself`() {
        let source = SystemEntropy()
        #expect(Set((0..<1_000).map { _ in source.bytes(16) }).count == 1_000)
    }
}

import DaybookCore
import Testing

@Suite struct `Planted bugs` {
    @Test func `given a process that was told nothing, then no mistake is planted`() {
        #expect(PlantedBug.allCases.allSatisfy { !$0.isPlanted })
    }
}

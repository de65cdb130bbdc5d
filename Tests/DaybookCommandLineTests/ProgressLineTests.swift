import Testing

@testable import daybook

@Suite struct `Progress line` {
    private let half = ProgressState(
        phase: "import", unit: "rows", done: 123_000, total: 246_000, errors: 2,
        elapsedSeconds: 12.3)

    @Test
    func
        `given half of the rows after 12 seconds, when drawn, then bar, share, rate and time left`()
    {
        #expect(
            ProgressLine.bar(half, width: 120)
                == "import  [###############---------------]  "
                + "50 %  123,000/246,000 rows  10,000/s  0:13 left  2 errors")
    }

    @Test func `given a narrow terminal, when drawn, then the line is cut and never wraps`() {
        let line = ProgressLine.bar(half, width: 30)
        #expect(line == "import  50 %  123,000/246,000…")
        #expect(line.count == 30)
    }

    @Test func `given an unknown total, when told, then only the count and the rate`() {
        let state = ProgressState(phase: "read", unit: "lines", done: 1_500, elapsedSeconds: 0.5)
        #expect(ProgressLine.line(state) == "read: 1,500 lines  3,000/s")
        #expect(ProgressLine.bar(state, width: 80) == "read  1,500 lines  3,000/s")
    }

    @Test func `given nothing done yet, when told, then no rate is made up`() {
        let state = ProgressState(phase: "read", unit: "lines", total: 10)
        #expect(ProgressLine.line(state) == "read: 0 %  0/10 lines")
        #expect(state.remainingSeconds == nil)
    }

    @Test func `given numbers, when told in JSON, then one status object with rate and ETA`() {
        #expect(
            ProgressLine.status(half).json
                == #"{"type":"status","phase":"import","done":123000,"unit":"rows","total":246000,"#
                + #""per_second":10000,"eta_seconds":13,"errors":2}"#)
    }

    @Test(arguments: [
        (0.0, "0:00"), (7.2, "0:08"), (750.0, "12:30"), (3723.0, "1:02:03"),
    ])
    func `given seconds, when shown as a clock, then minutes or hours lead`(
        seconds: Double, text: String
    ) {
        #expect(ProgressLine.clock(seconds) == text)
    }
}

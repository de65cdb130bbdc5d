import DaybookCore
import Testing

@Suite struct `Instant text` {
    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00Z"),
            (1_291_191_960_000_000, "2010-12-01T08:26:00Z"),
            (1_291_191_960_500_000, "2010-12-01T08:26:00.5Z"),
            (1, "1970-01-01T00:00:00.000001Z"),
            (100_010, "1970-01-01T00:00:00.10001Z"),
            (-1, "1969-12-31T23:59:59.999999Z"),
            (951_782_400_000_000, "2000-02-29T00:00:00Z"),
            (1_330_473_600_000_000, "2012-02-29T00:00:00Z"),
            (4_107_542_400_000_000, "2100-03-01T00:00:00Z"),
            (-2_203_891_200_000_000, "1900-03-01T00:00:00Z"),
            (253_402_300_799_999_999, "9999-12-31T23:59:59.999999Z"),
            (253_402_300_800_000_000, "+010000-01-01T00:00:00Z"),
            (-62_167_219_200_000_000, "0000-01-01T00:00:00Z"),
            (-62_167_219_200_000_001, "-000001-12-31T23:59:59.999999Z"),
            (.min, "-290308-12-21T19:59:05.224192Z"),
            (.max, "+294247-01-10T04:00:54.775807Z"),
        ] as [(Int64, String)])
    func `given a moment, when written, then it is ISO 8601, and read again it is the same`(
        microseconds: Int64, text: String
    ) {
        #expect(Instant(microseconds: microseconds).description == text)
        #expect(Instant(text) == Instant(microseconds: microseconds))
    }

    @Test(
        arguments: [
            ("2010-12-01", 1_291_161_600_000_000),
            ("2010-12-01 08:26", 1_291_191_960_000_000),
            ("2010-12-01T08:26", 1_291_191_960_000_000),
            ("2010-12-01T08:26Z", 1_291_191_960_000_000),
            ("2010-12-01T08:26:00.500", 1_291_191_960_500_000),
            ("2010-12-01T08:26:00.500000Z", 1_291_191_960_500_000),
            ("2010-12-01T10:26:00+02:00", 1_291_191_960_000_000),
            ("2010-12-01T02:56:00-05:30", 1_291_191_960_000_000),
            ("2010-12-01T00:30:00+01:00", 1_291_159_800_000_000),
            ("+002010-12-01", 1_291_161_600_000_000),
            ("2010-12-31T23:59:59.999999-00:01", 1_293_840_059_999_999),
        ] as [(String, Int64)])
    func `given another form of ISO 8601, when read, then it is this moment`(
        text: String, microseconds: Int64
    ) {
        #expect(Instant(text)?.microseconds == microseconds)
    }

    @Test(arguments: [
        "", "2010", "2010-12", "2010-12-1", "10-12-01", "2010/12/01", "2010-12-01T",
        "2010-12-01T08",
        "2010-12-01T8:26", "2010-12-01T08:26:00.", "2010-12-01T08:26:00.1234567",
        "2010-12-01T08:26:60",
        "2010-12-01T24:00", "2010-12-01T08:60", "2010-12-01T08:26:00+2:00",
        "2010-12-01T08:26:00+24:00",
        "2010-12-01T08:26:00+02", "2010-12-01T08:26:00ZZ", "2010-12-01T08:26:00 Z", " 2010-12-01",
        "2010-12-01 ", "2010-02-29", "1900-02-29", "2100-02-29", "2010-02-30", "2010-04-31",
        "2010-13-01", "2010-00-01", "2010-01-00", "2010-01-32", "２０１０-12-01", "-000000-01-01",
        "-2010-12-01", "+2010-12-01", "+294247-01-10T04:00:54.775808Z", "+294248-01-01",
        "-290308-12-21T19:59:05.224191Z", "-999999-01-01", "+999999-12-31T23:59:59Z",
    ])
    func `given text that is no moment, when read, then there is none`(text: String) {
        #expect(Instant(text) == nil)
    }

    @Test(arguments: [
        (1900, false), (1904, true), (1999, false), (2000, true), (2004, true), (2010, false),
        (2012, true), (2100, false), (2400, true),
    ])
    func `given a year, when 29 February is read, then only leap years have one`(
        year: Int, isLeap: Bool
    ) {
        #expect((Instant("\(year)-02-29") != nil) == isLeap)
        let days =
            (Instant("\(year + 1)-01-01")!.microseconds - Instant("\(year)-01-01")!.microseconds)
            / 86_400_000_000
        #expect(days == (isLeap ? 366 : 365))
    }

    @Test func `given any moment, when written and read, then it is the same and sorts the same`() {
        var generator = SeededGenerator.fromEnvironment(for: "instants round trip")
        for _ in 0..<5_000 {
            let wide = Instant(microseconds: .random(in: .min ... .max, using: &generator))
            #expect(Instant(wide.description) == wide)
            // Between the years 0 and 9999 text sorts as time does, at the same precision.
            let years: ClosedRange<Int64> = -62_167_219_200...253_402_300_799
            let first = Instant(
                microseconds: .random(in: years, using: &generator) * 1_000_000)
            let second = Instant(
                microseconds: .random(in: years, using: &generator) * 1_000_000)
            #expect((first < second) == (first.description < second.description))
        }
    }

    @Test func `given every day of four centuries, when written and read, then it is the next day`()
    {
        var day = Instant("1800-01-01")!
        while day < Instant("2200-01-01")! {
            #expect(Instant(day.description) == day)
            #expect(day.description.hasSuffix("T00:00:00Z"))
            day = day.advanced(bySeconds: 86_400)
        }
        #expect(day.description == "2200-01-01T00:00:00Z")
    }
}

@Suite struct `Instant arithmetic` {
    @Test(
        arguments: [
            (0, 1, 1_000_000), (0, -1, -1_000_000), (5, 0, 5), (.max, 1, .max), (.min, -1, .min),
            (0, .max, .max), (0, .min, .min), (.max, -1, .max - 1_000_000),
        ] as [(Int64, Int64, Int64)])
    func `given a moment, when advanced by seconds, then the result is exact or the limit`(
        start: Int64, seconds: Int64, expected: Int64
    ) {
        #expect(
            Instant(microseconds: start).advanced(bySeconds: seconds)
                == Instant(microseconds: expected))
    }
}

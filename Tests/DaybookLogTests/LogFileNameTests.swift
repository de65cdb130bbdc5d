import DaybookLog
import Testing

/// Which names are those of segments: whatever else lies in a log's directory is none.
@Suite struct `Names of segments` {
    @Test(arguments: [1, 42, 999_999_999, 1 << 61, (1 << 62) - 1] as [UInt64])
    func `given a number, when its name is read, then it is the number`(number: UInt64) {
        #expect(LogFileName.segmentNumber(of: LogFileName.segment(number)) == number)
    }

    @Test(arguments: [
        "", "MARK", "spare.seg", "log-1.seg", "log-00000000000000000000.seg",
        // 2^62, 2^64 and the largest of twenty digits.
        "log-04611686018427387904.seg", "log-18446744073709551616.seg",
        "log-99999999999999999999.seg",
        "log-0000000000000000000a.seg", "log-+0000000000000000001.seg",
        "log-000000000000000001٣.seg", "Log-00000000000000000001.seg",
        "log-00000000000000000001.sea", "log-000000000000000000001.seg",
        "log-00000000000000000001.seg.part",
    ])
    func `given any other name, when it is read, then it is none`(name: String) {
        #expect(LogFileName.segmentNumber(of: name) == nil)
    }
}

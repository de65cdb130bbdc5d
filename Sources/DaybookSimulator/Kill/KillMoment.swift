/// When and how one worker is ended.
enum KillMoment {
    /// From its start: the process may not even have begun.
    case afterStart(microseconds: Int64)
    /// From the moment at which it begins to open the log: creation, recovery.
    case afterOpening(microseconds: Int64)
    /// From the moment at which it appends.
    case underLoad(microseconds: Int64)
    /// `SIGTERM` under load: drain, clean mark, exit; a second one must not disturb that.
    case terminate(microseconds: Int64, isRepeated: Bool)

    static func draw(_ numbers: inout SplitMix64) -> KillMoment {
        func within(_ milliseconds: Int64) -> Int64 {
            Int64.random(in: 0...(milliseconds * 1_000), using: &numbers)
        }
        return switch Int.random(in: 0..<20, using: &numbers) {
        case 0..<2: .afterStart(microseconds: within(40))
        case 2..<6: .afterOpening(microseconds: within(3))
        case 6: .terminate(microseconds: within(20), isRepeated: numbers.isOne(in: 2))
        default: .underLoad(microseconds: within(25))
        }
    }
}

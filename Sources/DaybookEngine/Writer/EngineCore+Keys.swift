import DaybookCore
import DaybookLog

extension EngineCore {
    /// Where a key has caused a batch before.
    ///
    /// - Throws: what reading the log leads to, when a run of keys is damaged and the log is damaged too.
    func recordedPosition(of scope: IdempotencyScope) throws(DaybookError) -> LogPosition? {
        while true {
            do throws(KeyRunDefect) {
                return try keys.position(of: scope)
            } catch {
                // Ends: each time there is a run less.
                try bringBackKeys(from: error.after)
            }
        }
    }

    /// Takes what became of the keys that a snapshot was given.
    func take(_ news: KeyNews) {
        switch news {
        case .putAway(let putAway): adopt(putAway)
        case .damaged(let defect):
            // What cannot be read from the log either is told to whoever needs it.
            try? bringBackKeys(from: defect.after)
        }
    }
}

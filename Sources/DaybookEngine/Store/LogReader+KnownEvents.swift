package import DaybookCore
package import DaybookLog

extension LogReader {
    /// Makes sure that every recorded event can be lifted to today's shape.
    ///
    /// Asks the indexes of the sealed segments and steps through the active one; no payload is
    /// decoded.
    ///
    /// - Parameter position: events up to it are known to be readable.
    /// - Throws: ``DaybookError`` `needs_newer_program` with each type and version that is not known,
    ///   how many there are and where the first one is; what reading the log led to.
    package func requireKnownEvents(after position: LogPosition = .start) throws(DaybookError) {
        let unknown: [EventKindCount]
        do throws(EventLogError) {
            unknown = try kinds(
                outside: upcasters.knownKinds, from: position.advanced(by: 1))
        } catch {
            throw DaybookError(log: error)
        }
        guard let first = unknown.first else { return }
        let sum = unknown.reduce(0) { $0 + $1.count }
        let list = unknown.map { "\($0.count) of \($0.kind), the first at position \($0.first)" }
        throw DaybookError(
            .needsNewerProgram,
            "this program cannot read \(sum) of the log's events: \(list.joined(separator: "; ")). "
                + "Nothing was changed. Use the program that wrote them or a newer one; "
                + "`daybook log show \(first.first)` shows the first as it is stored")
    }
}

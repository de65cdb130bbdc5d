/// What a property demanded and did not get.
public struct RequirementFailure: Error, CustomStringConvertible, Sendable {
    public var message: String
    public var file: String
    public var line: Int

    public init(_ message: String, file: String, line: Int) {
        self.message = message
        self.file = file
        self.line = line
    }

    public var description: String { "\(file):\(line): \(message)" }
}

/// Fails the case unless the condition holds. Works wherever an error may be thrown.
///
/// - Throws: ``RequirementFailure`` with the caller's file and line.
public func require(
    _ condition: Bool, _ message: @autoclosure () -> String = "the requirement does not hold",
    file: String = #fileID, line: Int = #line
) throws {
    if !condition { throw RequirementFailure(message(), file: file, line: line) }
}

/// Fails the case unless both are equal; the failure shows where they differ, line by line.
///
/// - Throws: ``RequirementFailure`` with the caller's file and line.
public func requireEqual<Value: Equatable>(
    _ actual: Value, _ expected: Value, _ message: @autoclosure () -> String = "not equal",
    file: String = #fileID, line: Int = #line
) throws {
    guard actual != expected else { return }
    let difference = Difference(
        expected: swiftSource(of: expected), actual: swiftSource(of: actual))
    throw RequirementFailure("\(message())\n\(difference)", file: file, line: line)
}

/// Gives the case up, without failing it, unless the condition holds: it says nothing about the
/// property. A property that gives up too many cases fails.
///
/// - Throws: ``Discard``.
public func assume(_ condition: Bool, _ reason: String = "assumption") throws {
    if !condition { throw Discard(reason: reason) }
}

/// A line-by-line difference of two texts.
struct Difference: CustomStringConvertible {
    var expected: String
    var actual: String

    /// Lines with `-` were expected and are missing, lines with `+` are too many.
    var description: String {
        let old = expected.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let new = actual.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let changes = new.difference(from: old)
        var removed: Set<Int> = []
        var inserted: Set<Int> = []
        for change in changes {
            switch change {
            case .remove(let offset, _, _): removed.insert(offset)
            case .insert(let offset, _, _): inserted.insert(offset)
            }
        }
        var lines = ["  - expected   + actual"]
        var (left, right) = (0, 0)
        while left < old.count || right < new.count {
            if left < old.count, removed.contains(left) {
                lines.append("  - " + old[left])
                left += 1
            } else if right < new.count, inserted.contains(right) {
                lines.append("  + " + new[right])
                right += 1
            } else {
                lines.append("    " + old[left])
                left += 1
                right += 1
            }
        }
        return lines.joined(separator: "\n")
    }
}

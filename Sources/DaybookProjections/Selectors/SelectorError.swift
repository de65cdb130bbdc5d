public import DaybookCore

/// A question that could not be answered.
public struct SelectorError: Error, Hashable, CustomStringConvertible {
    /// The words of DOMAIN.md section 4.7.
    public enum Code: String, Sendable, CaseIterable {
        /// The limit is not in 0 ... 100.
        case invalidLimit = "invalid_limit"
        /// The cursor was not given out by this selector.
        case invalidCursor = "invalid_cursor"
        /// The read model has not reached the wanted position in time.
        case notYet = "not_yet"
        /// The position that was asked about is beyond the end of the log.
        case beyondHead = "beyond_head"
        case orderNotFound = "order_not_found"
        case userNotFound = "user_not_found"
        case productNotFound = "product_not_found"
        /// The read model is missing, damaged, or being replaced.
        case unavailable = "read_model_unavailable"
    }

    public let code: Code
    public let message: String
    /// The position that was asked for, and the one that was there (`not_yet` only).
    public let wanted: LogPosition?
    public let reached: LogPosition?

    init(
        code: Code, message: String, wanted: LogPosition? = nil, reached: LogPosition? = nil
    ) {
        self.code = code
        self.message = message
        self.wanted = wanted
        self.reached = reached
    }

    public var description: String { "\(message) (\(code.rawValue))" }
}

extension SelectorError {
    /// How many rows a selector gives at most: enough for a page, little enough for one answer.
    public static let limits = 0...100

    /// - Throws: `invalid_limit`.
    static func check(limit: Int) throws(SelectorError) {
        guard limits.contains(limit) else {
            throw SelectorError(
                code: .invalidLimit,
                message: "limit \(limit) is not in \(limits.lowerBound) ... \(limits.upperBound)")
        }
    }

    package static func beyondHead(_ wanted: LogPosition, head: LogPosition) -> SelectorError {
        SelectorError(
            code: .beyondHead,
            message: "position \(wanted) is beyond the end of the log, which is at \(head)",
            wanted: wanted, reached: head)
    }

    static func notYet(
        _ model: ReadModelName, wanted: LogPosition, reached: LogPosition
    ) -> SelectorError {
        SelectorError(
            code: .notYet,
            message: "read model '\(model)' is at position \(reached), \(wanted) was asked for",
            wanted: wanted, reached: reached)
    }

    package static func unavailable(_ model: ReadModelName, _ error: any Error) -> SelectorError {
        SelectorError(
            code: .unavailable, message: "read model '\(model)' cannot be read: \(error)")
    }
}

internal import DaybookCore

/// A batch message whose checksums are right but whose content is not what the format says.
package struct BatchDefect: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String

    init(_ what: String) {
        description = what
    }

    init(_ error: WireError) {
        description = "protobuf: \(error)"
    }
}

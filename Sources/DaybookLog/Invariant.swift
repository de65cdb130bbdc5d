internal import Glibc

/// Ends the process unless something holds that the log's own reasoning rests on. On in release builds.
///
/// Never for what may come from a disk, a caller's data or the operating system: that is an error with
/// its own answer. A process that ends here leaves what a crash leaves, and the next start recovers
/// it; one that goes on might write what it believes over what is true.
///
/// Neither closures nor branches at the place of the call: a condition that holds leaves nothing that
/// tests cannot run (ADR 0022).
@inline(__always)
func invariant(
    _ holds: Bool, _ what: StaticString, file: StaticString = #fileID, line: UInt = #line
) {
    if !holds { violated(what, file, line) }
}

/// The value of an optional that the log's own reasoning says is there.
@inline(__always)
func established<Value>(
    _ value: Value?, _ what: StaticString, file: StaticString = #fileID, line: UInt = #line
) -> Value {
    guard let value else { violated(what, file, line) }
    return value
}

/// Says what and where on standard error, without taking memory, and traps.
@inline(never)
private func violated(_ what: StaticString, _ file: StaticString, _ line: UInt) -> Never {
    func say(_ text: StaticString) {
        // Nothing is left to do about a standard error that takes no more.
        _ = write(STDERR_FILENO, text.utf8Start, text.utf8CodeUnitCount)
    }
    say("daybook: the log contradicts itself and stops here: ")
    say(what)
    say(" (")
    say(file)
    say(":")
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
        var rest = line
        var start = digits.count
        repeat {
            start -= 1
            digits[start] = UInt8(ascii: "0") + UInt8(rest % 10)
            rest /= 10
        } while rest > 0
        _ = write(STDERR_FILENO, digits.baseAddress.map { $0 + start }, digits.count - start)
    }
    say("). Start it again: what was acknowledged is on the disk.\n")
    preconditionFailure()
}

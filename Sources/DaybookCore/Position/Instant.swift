/// A moment: microseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
///
/// Instants come from an injected clock only; nothing in the core reads the time by itself.
public struct Instant: Hashable, Comparable, Sendable, Codable {
    public let microseconds: Int64

    public init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    public static func < (left: Instant, right: Instant) -> Bool {
        left.microseconds < right.microseconds
    }

    /// The instant `seconds` later, clamped to the representable range.
    public func advanced(bySeconds seconds: Int64) -> Instant {
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
        guard !overflow else {
            return Instant(microseconds: seconds < 0 ? .min : .max)
        }
        let (sum, overflowed) = microseconds.addingReportingOverflow(product)
        return Instant(microseconds: overflowed ? (seconds < 0 ? .min : .max) : sum)
    }
}

// MARK: - Text

extension Instant: CustomStringConvertible {
    /// ISO 8601 in UTC with the fraction only where there is one: `2010-12-01T08:26:00Z`.
    ///
    /// Years beyond 0 ... 9999 have a sign and six digits, as in ECMAScript: `+010000-01-01T00:00:00Z`.
    public var description: String {
        let (day, microsecondOfDay) = microseconds.quotientAndRemainderRoundingDown(
            by: Instant.microsecondsPerDay)
        let date = CivilDate(daysSinceEpoch: day)
        let (second, fraction) = microsecondOfDay.quotientAndRemainder(dividingBy: 1_000_000)
        var text = (0...9_999).contains(date.year) ? "" : date.year < 0 ? "-" : "+"
        text += padded(abs(date.year), text.isEmpty ? 4 : 6)
        text += "-\(padded(date.month, 2))-\(padded(date.day, 2))T"
        text += "\(padded(second / 3_600, 2)):\(padded(second / 60 % 60, 2))"
        text += ":\(padded(second % 60, 2))"
        if fraction != 0 {
            var digits = padded(fraction, 6)
            while digits.hasSuffix("0") { digits.removeLast() }
            text += ".\(digits)"
        }
        return text + "Z"
    }

    static let microsecondsPerDay: Int64 = 86_400_000_000

    /// Reads ISO 8601: `YYYY-MM-DD`, optionally `Thh:mm[:ss[.ffffff]]`, optionally `Z` or `±hh:mm`.
    ///
    /// A year may also have a sign and six digits, as `description` writes it. Without a zone the text
    /// is taken as UTC. Returns `nil` for anything else, also for dates that do not exist, for
    /// fractions finer than a microsecond and for moments that 64 bits cannot hold.
    public init?(_ text: some StringProtocol) {
        var scanner = DigitScanner(text)
        guard let year = scanner.year(), scanner.take("-"),
            let month = scanner.number(digits: 2), scanner.take("-"),
            let day = scanner.number(digits: 2),
            let date = CivilDate(year: year, month: month, day: day)
        else { return nil }
        // The first and the last day are representable in part only, hence the wider sum.
        var sum = Int128(date.daysSinceEpoch) * Int128(Instant.microsecondsPerDay)
        if scanner.take("T") || scanner.take(" ") {
            guard let time = scanner.microsecondOfDay(), let offset = scanner.zoneOffset() else {
                return nil
            }
            sum += Int128(time - offset)
        }
        guard scanner.isAtEnd, let microseconds = Int64(exactly: sum) else { return nil }
        self.init(microseconds: microseconds)
    }
}

/// A date of the proleptic Gregorian calendar.
///
/// Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms" (public domain).
struct CivilDate {
    var year: Int64
    var month: Int64
    var day: Int64

    init(daysSinceEpoch: Int64) {
        let shifted = daysSinceEpoch + 719_468
        let era = shifted.quotientAndRemainderRoundingDown(by: 146_097).quotient
        let dayOfEra = shifted - era * 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    /// `nil` unless the date exists.
    init?(year: Int64, month: Int64, day: Int64) {
        guard (1...12).contains(month), (1...31).contains(day) else { return nil }
        self.year = year
        self.month = month
        self.day = day
        let back = CivilDate(daysSinceEpoch: daysSinceEpoch)
        guard back.month == month, back.day == day else { return nil }
    }

    var daysSinceEpoch: Int64 {
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = shiftedYear.quotientAndRemainderRoundingDown(by: 400).quotient
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }
}

/// Reads fixed-width digits and single characters from the front of a text.
private struct DigitScanner {
    private var rest: Substring.UTF8View

    init(_ text: some StringProtocol) {
        rest = Substring(text).utf8
    }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard let first = rest.first, first == UInt8(ascii: character) else { return false }
        rest.removeFirst()
        return true
    }

    mutating func number(digits: Int) -> Int64? {
        guard rest.count >= digits else { return nil }
        var value: Int64 = 0
        for byte in rest.prefix(digits) {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            value = value * 10 + Int64(byte - UInt8(ascii: "0"))
        }
        rest.removeFirst(digits)
        return value
    }

    /// Four digits, or a sign and six digits; there is no year -0.
    mutating func year() -> Int64? {
        if take("+") { return number(digits: 6) }
        guard take("-") else { return number(digits: 4) }
        guard let year = number(digits: 6), year != 0 else { return nil }
        return -year
    }

    mutating func microsecondOfDay() -> Int64? {
        guard let hour = number(digits: 2), hour < 24, take(":"),
            let minute = number(digits: 2), minute < 60
        else { return nil }
        var time = (hour * 60 + minute) * 60_000_000
        guard take(":") else { return time }
        guard let second = number(digits: 2), second < 60 else { return nil }
        time += second * 1_000_000
        guard take(".") else { return time }
        var scale: Int64 = 100_000
        var digitCount = 0
        while let digit = number(digits: 1) {
            guard scale > 0 else { return nil }
            time += digit * scale
            scale /= 10
            digitCount += 1
        }
        return digitCount > 0 ? time : nil
    }

    mutating func zoneOffset() -> Int64? {
        if isAtEnd || take("Z") { return 0 }
        let isEast = take("+")
        guard isEast || take("-"), let hour = number(digits: 2), hour < 24, take(":"),
            let minute = number(digits: 2), minute < 60
        else { return nil }
        let offset = (hour * 60 + minute) * 60_000_000
        return isEast ? offset : -offset
    }
}

extension Int64 {
    /// Quotient rounded towards negative infinity, and the non-negative remainder.
    func quotientAndRemainderRoundingDown(by divisor: Int64) -> (quotient: Int64, remainder: Int64)
    {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}

private func padded(_ value: Int64, _ width: Int) -> String {
    let digits = String(value)
    return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
}

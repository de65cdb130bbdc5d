import DaybookCore

/// A message in the form in which mail travels.
///
/// Header values can never become headers of their own: a line break or control character in any of
/// them is refused, not removed.
///
/// Source: RFC 5322 (format), RFC 2045 and 2047 (encodings), RFC 6532 (UTF-8 in addresses),
/// RFC 3834 (`Auto-Submitted`).
struct InternetMessage {
    /// CRLF line ends throughout.
    let bytes: [UInt8]
    /// With angle brackets.
    let messageID: String

    /// - Throws: ``MailFailure/permanent(_:)`` naming the header that cannot be written.
    init(_ mail: OutgoingMail) throws(MailFailure) {
        let sender = try InternetMessage.address(mail.from, header: "From")
        let recipient = try InternetMessage.address(mail.to, header: "To")
        let subject = try InternetMessage.unstructured(mail.subject, header: "Subject")
        let (body, encoding) = try InternetMessage.body(mail.body)
        let domain = sender.drop { $0 != "@" }
        messageID = "<\(mail.id)\(domain)>"
        let lines = [
            "Date: \(InternetMessage.date(mail.date))",
            "From: \(sender)",
            "To: \(recipient)",
            "Message-ID: \(messageID)",
            "Subject: \(subject)",
            "MIME-Version: 1.0",
            "Content-Type: text/plain; charset=utf-8",
            "Content-Transfer-Encoding: \(encoding)",
            "Auto-Submitted: auto-generated",
            "",
        ]
        bytes = Array((lines.joined(separator: "\r\n") + "\r\n" + body).utf8)
    }
}

// MARK: - Headers

extension InternetMessage {
    /// An address without display name, exactly as given.
    static func address(_ text: String, header: String) throws(MailFailure) -> String {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        let isPlain = text.unicodeScalars.allSatisfy { scalar in
            !scalar.properties.isWhitespace && !isControl(scalar)
                && !"<>()[],;:\\\"".unicodeScalars
                    .contains(scalar)
        }
        guard isPlain, parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty,
            text.utf8.count <= 320
        else {
            throw .permanent(
                "the address of the \(header) header cannot be written; it must be local@domain "
                    + "without blanks, control characters or brackets")
        }
        return text
    }

    /// Free text, encoded where it is not plain ASCII.
    static func unstructured(_ text: String, header: String) throws(MailFailure) -> String {
        guard !text.unicodeScalars.contains(where: isControl) else {
            throw .permanent("the \(header) header holds a line break or control character")
        }
        let isPlain = text.utf8.allSatisfy { $0 < 0x7F } && !text.contains("=?")
        // 998 is the limit of a line; 9 characters are the longest name here with its colon.
        return isPlain && text.utf8.count <= 989
            ? text : encodedWords(text, afterNameOf: header.utf8.count)
    }

    /// RFC 2047: words of at most 75 characters in lines of at most 76, never splitting a character.
    private static func encodedWords(_ text: String, afterNameOf nameByteCount: Int) -> String {
        // A line less what surrounds the base 64: `=?utf-8?B?`, `?=`, and the name or a blank.
        func byteLimit(after count: Int) -> Int { (76 - 12 - count) / 4 * 3 }
        var limit = byteLimit(after: nameByteCount + 2)
        var words: [String] = []
        var piece: [UInt8] = []
        func close() {
            words.append("=?utf-8?B?" + Base64.text(of: piece) + "?=")
            piece.removeAll(keepingCapacity: true)
            limit = byteLimit(after: 1)
        }
        for scalar in text.unicodeScalars {
            let encoded = Array(String(scalar).utf8)
            if piece.count + encoded.count > limit { close() }
            piece.append(contentsOf: encoded)
        }
        if !piece.isEmpty { close() }
        return words.joined(separator: "\r\n ")
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }

    /// `Wed, 01 Dec 2010 08:26:00 +0000`.
    static func date(_ instant: Instant) -> String {
        let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
        let months = [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ]
        let microsecondsPerDay: Int64 = 86_400_000_000
        let (quotient, remainder) = instant.microseconds.quotientAndRemainder(
            dividingBy: microsecondsPerDay)
        // 1970-01-01 was a Thursday.
        let day = Int(remainder < 0 ? quotient - 1 : quotient)
        let weekday = days[(day % 7 + 7) % 7]
        // `YYYY-MM-DDThh:mm:ss…`
        let text = instant.description
        let dateParts = text.prefix { $0 != "T" }.split(separator: "-")
        let time = text.drop { $0 != "T" }.dropFirst().prefix(8)
        let month = months[(Int(dateParts[1]) ?? 1) - 1]
        return "\(weekday), \(dateParts[2]) \(month) \(dateParts[0]) \(time) +0000"
    }
}

// MARK: - Body

extension InternetMessage {
    /// The text with CRLF line ends, `7bit` where that suffices, else base 64.
    private static func body(
        _ text: String
    ) throws(MailFailure) -> (text: String, encoding: String) {
        guard !text.utf8.contains(0) else { throw .permanent("the body holds a zero byte") }
        var lines = text.split(omittingEmptySubsequences: false) { $0.isNewline }
            .map { String($0) }
        if lines.last == "" { lines.removeLast() }
        let plain = lines.map { $0 + "\r\n" }.joined()
        if plain.utf8.allSatisfy({ $0 < 0x80 }), lines.allSatisfy({ $0.utf8.count <= 998 }) {
            return (plain, "7bit")
        }
        let encoded = Array(Base64.text(of: Array(plain.utf8)).utf8)
        var wrapped = ""
        for start in stride(from: 0, to: encoded.count, by: 76) {
            let line = encoded[start..<min(start + 76, encoded.count)]
            wrapped += String(decoding: line, as: UTF8.self) + "\r\n"
        }
        return (wrapped, "base64")
    }
}

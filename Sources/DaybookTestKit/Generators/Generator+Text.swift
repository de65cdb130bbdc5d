extension Generator<String> {
    /// Letters, digits and what programs stumble over: blanks, quotes, other alphabets, combining
    /// marks, several code units a character, text from right to left, control characters.
    public static var oddCharacters: [Character] {
        Array("abcxyz019ABZ") + [
            " ", "-", "_", ".", "'", "\"", "\\", "/", "%", ":", ";", "\n", "\t",
        ]
            + ["é", "e\u{301}", "ß", "İ", "ı", "ﬁ", "中", "א", "🙂", "👩‍👩‍👧", "\u{202E}", "\u{0}"]
    }

    /// A text of these characters; the first is the simplest.
    public static func text(
        of alphabet: [Character] = oddCharacters, count: ClosedRange<Int> = 0...12
    ) -> Generator<String> {
        Generator<Character>.oneOf(alphabet).array(count: count).map { String($0) }
    }

    /// One of a few names, so that they collide: `a`, `b`, `c` …
    ///
    /// - Parameter prefix: goes in front: `book` gives `book-a`.
    public static func name(_ prefix: String = "", among count: Int = 3) -> Generator<String> {
        Generator { choices in
            let index = try choices.below(count)
            let letter = String(UnicodeScalar(UInt8(ascii: "a") + UInt8(index % 26)))
            let name = index < 26 ? letter : letter + String(index / 26)
            return prefix.isEmpty ? name : prefix + "-" + name
        }
    }

    /// An e-mail address of few people in the spellings that count as theirs, or nearly so: letter
    /// case, a dot, a plus tag, a domain in Unicode or in Punycode. The plainest is the simplest.
    public static func emailAddress(among people: Int = 3) -> Generator<String> {
        Generator { choices in
            let person = try Generator<String>.name(among: people).draw(from: choices)
            let domain = try Generator<String>.oneOf([
                "example.com", "example.org", "bücher.example", "xn--bcher-kva.example",
                "BÜCHER.example", "bu\u{308}cher.example",
            ]).draw(from: choices)
            var local = person + "da"
            if try choices.happens(1, in: 4) { local = person + ".da" }
            if try choices.happens(1, in: 4) { local += "+tag" }
            if try choices.happens(1, in: 4) { local = local.uppercased() }
            let isUpper = try choices.happens(1, in: 4)
            return local + "@" + (isUpper ? domain.uppercased() : domain)
        }
    }
}

extension Generator<[UInt8]> {
    /// Bytes; 0 is the simplest.
    public static func bytes(count: ClosedRange<Int> = 0...32) -> Generator<[UInt8]> {
        Generator<UInt8>.integer(in: 0...255, favouring: [0, 1, 127, 128, 255]).array(count: count)
    }
}

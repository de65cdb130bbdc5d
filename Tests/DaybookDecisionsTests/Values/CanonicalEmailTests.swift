import DaybookDecisions
import Testing

@Suite struct `Canonical addresses` {
    private func canonical(_ text: String) -> String? { try? CanonicalEmail(text).canonical }

    @Test
    func `D-34 D-35 given spellings, when canonicalised, then blanks, case and form do not matter`()
    {
        #expect(canonical("Bob@EXAMPLE.com") == "bob@example.com")
        #expect(canonical("  bob@example.com\n") == "bob@example.com")
        #expect(canonical("Jose\u{301}@example.com") == canonical("jos\u{E9}@EXAMPLE.com"))
        #expect(canonical("o'neil+shop@sub.example.co.uk") == "o'neil+shop@sub.example.co.uk")
    }

    @Test(arguments: [
        ("a@bücher.example", "a@xn--bcher-kva.example"),
        ("a@BÜCHER.example", "a@xn--bcher-kva.example"),
        ("a@xn--bcher-kva.example", "a@xn--bcher-kva.example"),
        ("a@例え.jp", "a@xn--r8jz45g.jp"), ("a@пример.рф", "a@xn--e1afmkfd.xn--p1ai"),
        ("a@faß.de", "a@xn--fa-hia.de"), ("a@münchen。de", "a@xn--mnchen-3ya.de"),
    ])
    func `given an international domain, when canonicalised, then it stands in its ASCII form`(
        typed: String, expected: String
    ) {
        #expect(canonical(typed) == expected)
    }

    @Test(arguments: [
        ("", "empty"), ("   ", "empty"), ("bob", "no_at_sign"), ("@example.com", "bad_local_part"),
        ("bob@", "bad_domain"), ("bob@localhost", "bad_domain"), ("bob@-a.com", "bad_domain"),
        ("bob@a..com", "bad_domain"), ("bob@1.2.3.4", "bad_domain"),
        ("bob@[1.2.3.4]", "bad_domain"),
        ("bob.@a.com", "bad_local_part"), (".bob@a.com", "bad_local_part"),
        ("b..ob@a.com", "bad_local_part"), ("bo b@a.com", "bad_local_part"),
        ("\"bob\"@a.com", "bad_local_part"), ("a@b@c.com", "bad_local_part"),
        ("bob@exa mple.com", "bad_domain"), ("bob\u{0}@a.com", "bad_local_part"),
        ("bob@a_b.com", "bad_domain"), ("bo\u{200B}b@a.com", "bad_local_part"),
    ])
    func `S-079 given a text that is no address, then it is refused with the rule`(
        text: String, rule: String
    ) {
        do {
            let email = try CanonicalEmail(text)
            Issue.record("accepted as \(email.canonical)")
        } catch {
            #expect(error.code == "invalid_email")
            #expect(error.details.map { "\($0.value)" } == [rule])
        }
    }

    @Test func `given parts at and beyond their limits, then 64, 63 and 254 bytes are accepted`() {
        let local = String(repeating: "a", count: 64)
        let label = String(repeating: "b", count: 63)
        #expect(canonical("\(local)@\(label).com") != nil)
        #expect(canonical("a\(local)@\(label).com") == nil)
        #expect(canonical("\(local)@b\(label).com") == nil)
        #expect(canonical("\(local)@\(label).\(label).\(label).com") == nil)
        #expect(canonical(String(repeating: "x", count: 2_000) + "@a.com") == nil)
    }

    @Test func `P-20 given any address, when canonicalised twice, then as once`() {
        let typed = [
            "Bob@EXAMPLE.com", "Jose\u{301}@Bu\u{308}cher.example", "İ@example.com", "ΣΑΣ@ΣΑΣ.gr",
            "ǅ@example.com", "a@XN--BCHER-KVA.example", "ﬁ@example.com",
        ]
        for text in typed {
            guard let once = canonical(text) else {
                Issue.record("refused: \(text)")
                continue
            }
            #expect(canonical(once)?.unicodeScalars.elementsEqual(once.unicodeScalars) == true)
        }
    }

    @Test func `given an address, then what was typed is kept and the mask hides it`() throws {
        let email = try CanonicalEmail(" Bob@Example.com ")
        #expect(email.typed == "Bob@Example.com")
        #expect(email.masked == "b…@example.com")
        #expect(email == (try CanonicalEmail("bob@example.com")))
    }
}

@Suite struct `Passwords` {
    private func rule(_ password: String, email: String? = nil) -> String? {
        do {
            try PasswordPolicy().check(
                password, email: email.map { try? CanonicalEmail($0) } ?? nil)
            return nil
        } catch {
            return error.details.first.map { "\($0.value)" }
        }
    }

    @Test func `D-37 given lengths around the limits, then 15 to 128 characters are accepted`() {
        #expect(rule("") == "too_short")
        #expect(rule("fourteen chars") == "too_short")
        #expect(rule("fifteen chars !") == nil)
        #expect(rule(String(repeating: "correct battery ", count: 8)) == nil)
        #expect(rule(String(repeating: "correct battery ", count: 8) + "!") == "too_long")
    }

    @Test(arguments: [
        "passwordpassword", "PasswordPassword1", "aaaaaaaaaaaaaaaaaaaa", "abcabcabcabcabcabc",
        "abcdefghijklmnopq", "qwertyuiopasdfgh", "987654321098765", "correcthorsebatterystaple",
    ])
    func `D-37 given what is tried first, then it is refused whatever its length`(password: String)
    {
        #expect(rule(password) == "too_common")
    }

    @Test func `given the address itself as password, then it is refused`() {
        #expect(
            rule("robert.smith@example.com", email: "Robert.Smith@example.com")
                == "contains_address")
    }

    @Test func `given no composition rules, then plain words and blanks are enough`() {
        #expect(rule("fifteen plain words") == nil)
        #expect(rule("пятнадцать букв!") == nil)
    }
}

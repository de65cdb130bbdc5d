import DaybookCore
import DaybookDecisions
import DaybookEngine
import DaybookLog
import DaybookProjections
import DaybookVault
import Testing

/// Registration and verification, end to end (G-14 to G-17).
@Suite struct AccountTests {
    @Test
    func `G-14 S-076 S-086 D-40 given a link, then valid for 86,400 s and not 1 ms more`()
        async throws
    {
        let store = try TestStore()
        let daybook = try await store.open()
        let start = try #require(Instant("2025-03-01T12:00:00.25Z"))
        store.clock.set(to: start)
        let ann = try await daybook.register("ann@example.com")
        let bob = try await daybook.register("bob@example.com")
        store.clock.advance(bySeconds: 86_400)
        try await daybook.verify(ann)
        store.clock.set(to: Instant(microseconds: store.clock.now.microseconds + 1_000))
        let error = try await failure { try await daybook.verify(bob) }
        #expect(error.code == "token_invalid_or_expired")
        #expect(error.message == "Invalid or expired token")
        let view = try await daybook.readModels.user(id: ann, atLeast: daybook.head).value
        #expect(view.emailVerifiedAt?.instant == start.advanced(bySeconds: 86_400))
        #expect(view.isActive)
        try await daybook.close()
    }

    @Test
    func `G-15 S-083 S-084 S-088 D-41 P-19 given two verifies at once, then one succeeds`()
        async throws
    {
        let store = try TestStore()
        let daybook = try await store.open()
        let ann = try await daybook.register("ann@example.com")
        let token = try #require(try await daybook.verificationToken(for: ann))
        let command = Command.verifyEmail(VerifyEmail(token: token))
        async let first = errorCode { try await daybook.execute(command, as: .system) }
        async let second = errorCode { try await daybook.execute(command, as: .system) }
        let codes = await [first, second]
        #expect(codes.filter { $0 == nil }.count == 1)
        #expect(codes.contains("token_used_or_unknown"))
        let third = try await failure { try await daybook.execute(command, as: .system) }
        #expect(third.message == "Token already used or not found")
        try await daybook.close()
        #expect(try store.count(of: EmailVerified.type) == 1)
    }

    @Test
    func `G-16 S-071 S-072 D-34 D-35 D-36 given Bob@EXAMPLE.com, when bob@example.com comes`()
        async throws
    {
        let store = try TestStore()
        let daybook = try await store.open()
        _ = try await daybook.register("Bob@EXAMPLE.com")
        let error = try await failure { try await daybook.register("bob@example.com") }
        #expect(error.code == "email_already_registered")
        #expect(error.message == "Email bob@example.com is already registered")
        try await daybook.close()
        #expect(try store.count(of: UserRegistered.type) == 1)
        let notices = try store.mails(about: "You already have an account")
        #expect(notices.count == 1)
        #expect(notices[0].contains("\r\nTo: Bob@EXAMPLE.com\r\n"))
    }

    @Test
    func `G-17 D-44 given a user deactivated before the link is used, then account_disabled`()
        async throws
    {
        let store = try TestStore()
        let daybook = try await store.open()
        let ann = try await daybook.register("ann@example.com")
        _ = try await daybook.execute(
            .deactivateUser(DeactivateUser(user: ann, reason: "fraud")), as: boss)
        let error = try await failure { try await daybook.verify(ann) }
        #expect(error.code == "account_disabled")
        let view = try await daybook.readModels.user(id: ann, atLeast: daybook.head).value
        #expect(view.accountState == "disabled")
        #expect(!view.isActive)
        try await daybook.close()
    }

    @Test
    func `S-070 S-073 S-077 D-47 given a registration, then inactive and one mail with the token`()
        async throws
    {
        let store = try TestStore()
        let daybook = try await store.open()
        let ann = try await daybook.register("ann@example.com")
        let view = try await daybook.readModels.user(id: ann, atLeast: daybook.head).value
        #expect(!view.isActive)
        #expect(view.emailVerifiedAt == nil)
        let token = try #require(try await daybook.verificationToken(for: ann))
        try await daybook.close()
        let mails = try store.mails(about: "Verify your email")
        #expect(mails.count == 1)
        #expect(mails[0].contains("\r\nTo: ann@example.com\r\n"))
        #expect(mails[0].replacing("=\r\n", with: "").contains(token))
        #expect(
            try store.batches(after: .start) == [
                [UserRegistered.type, VerificationIssued.type, MailRequested.type]
            ])
    }

    @Test
    func `S-085 given a link whose recorded expiry is shorter than its token's, then text 3`()
        async throws
    {
        let store = try TestStore()
        let daybook = try await store.open(.manual)
        let ann = try await daybook.register("ann@example.com")
        try await daybook.close()
        let issued = try #require(try store.issuedLinks().first)
        #expect(issued.userID == ann)
        #expect(issued.expiresAt == SetClock.noon.advanced(bySeconds: 86_400))
        let vault = try Vault.open(in: store.configuration.directory, mode: .readOnly)
        let longer = vault.token(
            for: issued.verificationID, user: ann, purpose: issued.purpose,
            expiresAt: issued.expiresAt.advanced(bySeconds: 3_600))
        store.clock.advance(bySeconds: 86_401)
        let again = try await store.open(.manual)
        let error = try await failure {
            try await again.execute(.verifyEmail(VerifyEmail(token: longer)), as: .system)
        }
        #expect(error.code == "token_expired")
        #expect(error.message == "Token has expired")
        try await again.close()
    }

    @Test
    func `D-38 given a dead link, then a new one can be asked for, and the claim lapses at last`()
        async throws
    {
        let store = try TestStore()
        let daybook = try await store.open()
        let ann = try await daybook.register("ann@example.com")
        let old = try #require(try await daybook.verificationToken(for: ann))
        store.clock.advance(bySeconds: 90_000)
        _ = try await daybook.execute(
            .resendVerification(ResendVerification(email: "ANN@example.com")), as: .system)
        let error = try await failure {
            try await daybook.execute(.verifyEmail(VerifyEmail(token: old)), as: .system)
        }
        #expect(error.code == "token_invalid_or_expired")
        #expect(try await daybook.verificationToken(for: ann) != old)
        store.clock.advance(bySeconds: 8 * 86_400)
        let second = try await daybook.register("ann@example.com")
        #expect(second != ann)
        try await daybook.verify(second)
        try await daybook.close()
    }

    @Test
    func `D-33 P-20 given one address registered by many at once, then one account`() async throws {
        let store = try TestStore()
        let daybook = try await store.open()
        let codes = await withTaskGroup(of: String?.self) { group in
            for index in 0..<8 {
                let address = index.isMultiple(of: 2) ? "ann@example.com" : "Ann@Example.com"
                group.addTask { await errorCode { try await daybook.register(address) } }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(codes.filter { $0 == nil }.count == 1)
        #expect(codes.filter { $0 == "email_already_registered" }.count == 7)
        try await daybook.close()
        #expect(try store.count(of: UserRegistered.type) == 1)
    }

    @Test
    func `P-20b S-074 D-39 given secrets, then no byte of log, models or snapshot holds them`()
        async throws
    {
        let store = try TestStore()
        let daybook = try await store.openShop()
        let ann = try await daybook.register("canary.address@example.com")
        let token = try #require(try await daybook.verificationToken(for: ann))
        _ = try await daybook.execute(.verifyEmail(VerifyEmail(token: token)), as: .system)
        _ = try await daybook.execute(
            .createOrder(
                CreateOrder(
                    user: ann, items: [OrderItem(sku: "A", quantity: 1)],
                    shippingAddress: "1 Canary Wharf")), as: .user(ann))
        _ = await daybook.executeAll(
            (0..<1_000).map { _ in
                Request([.receiveStock(ReceiveStock(sku: "B", quantity: 1))], as: boss)
            })
        try await daybook.close()
        let secrets = [password, "canary.address", token, "Canary Wharf"]
        for secret in secrets {
            #expect(try !store.logHolds(secret))
        }
        #expect(try store.logHolds("Apple"))
        let files = try store.files
        #expect(files.contains("snapshots/state.snapshot"))
        for name in files
        where ["read-models/", "snapshots/", "vault"].contains(where: name.hasPrefix) {
            let bytes = try store.bytes(of: name)
            for secret in secrets {
                #expect(bytes.firstRange(of: Array(secret.utf8)) == nil, "\(name): \(secret)")
            }
        }
    }
}

/// The code of the error that a step ends with; `nil` when it succeeds.
func errorCode<Value: Sendable>(
    of step: @Sendable () async throws -> Value
) async -> String? {
    do {
        _ = try await step()
        return nil
    } catch {
        return (error as? DaybookError)?.code ?? "\(error)"
    }
}

extension TestStore {
    func issuedLinks() throws -> [VerificationIssued] {
        let reader = try DaybookReader.open(directory: configuration.directory)
        return try reader.log.read(.all).compactMap { recorded in
            let event = try recorded.payload.withUnsafeBytes { bytes in
                var payload = WireReader(bytes)
                return try Event(type: recorded.type, decoding: &payload)
            }
            if case .verificationIssued(let issued) = event { return issued }
            return nil
        }
    }
}

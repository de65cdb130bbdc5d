import DaybookCore
import DaybookDecisions
import DaybookVault

/// Makes requests ready to be decided, before the writer is held: checks addresses and passwords,
/// makes keys durable, seals personal values, reads tokens.
///
/// Whatever is slow or secret happens here, on the caller's thread.
struct RequestPreparation: Sendable {
    let vault: Vault
    let settings: ShopSettings
    let clock: @Sendable () -> Instant
    let entropy: EntropyPool

    func prepare(_ request: Request) throws(DaybookError) -> PreparedRequest {
        let prepared = prepare([request])
        if let refusal = prepared.refusals[0] { throw refusal }
        return prepared.ready[0]
    }

    /// Data keys of all new users are made in one transaction.
    func prepare(_ requests: [Request]) -> PreparedRequests {
        var prepared = PreparedRequests(count: requests.count)
        if requests.contains(where: \.registersUsers) {
            for draft in draftsWithKeys(of: requests) {
                prepared.add { () throws(DaybookError) in try finish(draft.get()) }
            }
        } else {
            for request in requests {
                prepared.add { () throws(DaybookError) in try finish(draft(of: request)) }
            }
        }
        return prepared
    }

    private func draftsWithKeys(of requests: [Request]) -> [Result<RequestDraft, DaybookError>] {
        var drafts = requests.map { request in
            Result { () throws(DaybookError) in try draft(of: request) }
        }
        let newUsers = drafts.flatMap { (try? $0.get().newUsers) ?? [] }
        if !newUsers.isEmpty {
            do throws(VaultError) {
                try vault.createKeys(for: newUsers)
            } catch {
                drafts = drafts.map { draft in
                    guard case .success(let value) = draft, !value.newUsers.isEmpty else {
                        return draft
                    }
                    return .failure(DaybookError(vault: error))
                }
            }
        }
        return drafts
    }
}

// MARK: - First pass: everything but sealing

/// A request whose identifiers are chosen.
private struct RequestDraft {
    var prepared: PreparedRequest
    var commands: [Command]
    /// Users that need a data key before anything can be sealed for them.
    var newUsers: [UserID]
    /// Chosen user and verification per registration or renewal, in the order of the commands.
    var accounts: [(user: UserID, verification: VerificationID)]
}

extension RequestPreparation {
    private func draft(of request: Request) throws(DaybookError) -> RequestDraft {
        guard !request.commands.isEmpty else {
            throw DaybookError(.invalidRequest, "a request needs at least one command")
        }
        guard request.time == nil || request.actor == .import else {
            throw DaybookError(
                .invalidRequest, "only imports may say when something happened; leave the time out")
        }
        let now = request.time ?? clock()
        let scope = request.key.map {
            IdempotencyScope(
                actor: request.actor, command: request.commandName, key: $0.rawValue)
        }
        var identifiers: any IdentifierSource & Sendable =
            FreshIdentifiers(now: now, entropy: entropy)
        if request.actor == .import, let scope {
            identifiers = DerivedIdentifiers(scope: scope, at: now)
        }
        var newUsers: [UserID] = []
        var accounts: [(user: UserID, verification: VerificationID)] = []
        for command in request.commands {
            switch command {
            case .registerUser:
                let user: UserID = identifiers.make()
                newUsers.append(user)
                accounts.append((user, identifiers.make()))
            case .resendVerification:
                accounts.append((UserID(rawValue: 0), identifiers.make()))
            default: break
            }
        }
        let fingerprint = scope.map { _ in vault.fingerprint(of: request) }
        return RequestDraft(
            prepared: PreparedRequest(
                actor: request.actor, commandName: request.commandName, commands: [], now: now,
                identifiers: identifiers, key: request.key, scope: scope,
                fingerprint: fingerprint),
            commands: request.commands, newUsers: newUsers, accounts: accounts)
    }
}

// MARK: - Second pass: secrets replaced

extension RequestPreparation {
    private func finish(_ draft: RequestDraft) throws(DaybookError) -> PreparedRequest {
        var prepared = draft.prepared
        var accounts = draft.accounts[...]
        for command in draft.commands {
            prepared.commands.append(try replaceSecrets(of: command, &accounts))
        }
        return prepared
    }

    private func replaceSecrets(
        of command: Command,
        _ accounts: inout ArraySlice<(user: UserID, verification: VerificationID)>
    ) throws(DaybookError) -> PreparedCommand {
        switch command {
        case .registerUser(let command):
            let (user, verification) = accounts.removeFirst()
            return .registerUser(try register(command, user, verification))
        case .resendVerification(let command):
            let email = try canonical(command.email)
            return .resendVerification(
                VerificationRenewal(
                    emailDigest: vault.digest(of: email.canonical),
                    verificationID: accounts.removeFirst().verification))
        case .verifyEmail(let command):
            let claims = vault.claims(ofToken: command.token, purpose: .emailVerification)
            return .verifyEmail(Redemption(claims: claims.map(VerificationClaims.init)))
        case .createOrder(let command):
            return .createOrder(try place(command))
        default:
            guard let prepared = PreparedCommand(passing: command) else {
                preconditionFailure("RequestPreparation: \(command.name) carries secrets")
            }
            return prepared
        }
    }

    /// The same work for new and known addresses, so that the time taken tells nobody which it was.
    private func register(
        _ command: RegisterUser, _ user: UserID, _ verification: VerificationID
    ) throws(DaybookError) -> Registration {
        let email = try canonical(command.email)
        if let password = command.password {
            do throws(Rejection) {
                try settings.passwordPolicy.check(password, email: email)
            } catch {
                throw .rejected(error)
            }
        }
        do throws(VaultError) {
            var sealed = try vault.seal(email.typed, for: user, field: .registeredEmail)
            if PlantedBug.addressInTheClear.isPlanted { sealed.box = Array(email.typed.utf8) }
            if let password = command.password {
                try vault.setVerifier(password: Array(password.utf8), for: user)
            }
            return Registration(
                userID: user, verificationID: verification,
                emailDigest: vault.digest(of: email.canonical), sealedEmail: sealed,
                typedEmail: email.typed, hasPassword: command.password != nil)
        } catch {
            throw DaybookError(vault: error)
        }
    }

    private func place(_ command: CreateOrder) throws(DaybookError) -> Placement {
        var placement = Placement(
            user: command.user, items: command.items, expectedTotal: command.expectedTotal,
            capture: command.capture)
        guard let address = command.shippingAddress else { return placement }
        guard (1...2_000).contains(address.utf8.count) else {
            throw DaybookError(
                .invalidRequest,
                "a shipping address has 1 to 2,000 bytes, not \(address.utf8.count)")
        }
        do throws(VaultError) {
            placement.shippingAddress = try vault.seal(
                address, for: command.user, field: .shippingAddress)
        } catch {
            // Without a data key there is no such user; the decision says so in its own words.
            guard error.code == .noDataKey else { throw DaybookError(vault: error) }
        }
        return placement
    }

    private func canonical(_ email: String) throws(DaybookError) -> CanonicalEmail {
        do throws(Rejection) {
            return try CanonicalEmail(email)
        } catch {
            throw .rejected(error)
        }
    }
}

extension VerificationClaims {
    init(_ claims: TokenClaims) {
        self.init(
            verificationID: claims.verificationID, userID: claims.userID,
            expiresAt: claims.expiresAt)
    }
}

extension Request {
    /// Whether anybody needs a data key before the request can be decided.
    var registersUsers: Bool {
        commands.contains { if case .registerUser = $0 { true } else { false } }
    }
}

extension Vault {
    /// A request's fingerprint: keyed, because requests hold passwords and addresses that a plain hash
    /// in the log would let anybody guess.
    fileprivate func fingerprint(of request: Request) -> Digest {
        var writer = WireWriter(capacity: 512)
        request.write(canonicalFormInto: &writer)
        let plain = writer.withUnsafeBytes { HashFunction.sha256.digest($0) }
        writer.removeAll()
        writer.append(text: "request fingerprint ")
        writer.append(hexadecimal: plain)
        return writer.withUnsafeBytes { keyedDigest($0) }
    }
}

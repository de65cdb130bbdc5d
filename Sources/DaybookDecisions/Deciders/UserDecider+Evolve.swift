import DaybookCore

extension UserDecider {
    static func evolve(_ users: inout UserTable, with fact: Fact) {
        switch fact.event {
        case .userRegistered(let event):
            users.add(
                UserState(
                    id: event.userID, emailDigest: event.emailDigest, registration: fact.position,
                    registeredAt: fact.recordedAt))
        case .verificationIssued(let event):
            users.update(event.userID) { $0.issue(event, at: fact.recordedAt) }
        case .verificationVoided(let event):
            users.update(event.userID) { user in
                if user.link?.id == event.verificationID { user.link?.isLive = false }
            }
        case .emailVerified(let event):
            users.update(event.userID) { user in
                user.emailVerifiedAt = fact.recordedAt
                // A used link is answered like an unknown one, so it need not be remembered.
                if user.link?.id == event.verificationID, !Mutant.tokenReusable.isPlanted {
                    user.link = nil
                }
                user.resends = []
            }
        case .userDeactivated(let event):
            users.update(event.userID) { $0.isDeactivated = true }
        case .userReactivated(let event):
            users.update(event.userID) { $0.isDeactivated = false }
        default: break
        }
    }
}

extension UserState {
    fileprivate mutating func issue(_ event: VerificationIssued, at time: Instant) {
        link = VerificationLink(id: event.verificationID, expiresAt: event.expiresAt)
        // The first link comes with the account; only those asked for again are counted.
        if wasIssuedLink {
            let dayBefore = time.advanced(bySeconds: -86_400)
            resends.removeAll { $0 <= dayBefore }
            resends.append(time)
        }
        wasIssuedLink = true
    }
}

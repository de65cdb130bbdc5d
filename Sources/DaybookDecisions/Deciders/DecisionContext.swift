package import DaybookCore

/// What a decision is given besides the command and the state: the one clock reading, who asks, the
/// shop's rules and where new identifiers come from.
package struct DecisionContext {
    package var now: Instant
    package var actor: Actor
    package var settings: ShopSettings
    package var identifiers: any IdentifierSource

    package init(
        now: Instant, actor: Actor, settings: ShopSettings, identifiers: any IdentifierSource
    ) {
        self.now = now
        self.actor = actor
        self.settings = settings
        self.identifiers = identifiers
    }

    /// Whether a person of the shop or an import asks, who may do what customers may not.
    var isPrivileged: Bool {
        switch actor {
        case .operator, .import: true
        case .user, .system, .gateway: false
        }
    }
}

internal import DaybookCore
package import DaybookDecisions

/// Which part of an event is meant: most events are about one subject, movements of stock about the
/// products of all their lines.
enum EventPart {
    case whole
    /// All but what is about these.
    case except(Set<String>)
    /// What is about this one.
    case only(String)

    var isPartial: Bool {
        if case .whole = self { false } else { true }
    }

    func includes(_ subject: String) -> Bool {
        switch self {
        case .whole: true
        case .except(let subjects): !subjects.contains(subject)
        case .only(let wanted): wanted == subject
        }
    }
}

extension ReadModelName {
    /// Whose rows of this model an event changes, each once: the subjects that wait when it cannot be
    /// taken. Empty for events that the model does not depend on.
    package func subjects(of event: Event) -> [String] {
        guard consumedTypes.contains(event.type) else { return [] }
        return switch self {
        case .inventory: ReadModelName.products(of: event)
        case .orders: [event.orderID?.description].compactMap { $0 }
        case .users: [ReadModelName.person(of: event)].compactMap { $0 }
        }
    }

    private static func products(of event: Event) -> [String] {
        switch event {
        case .productAdded(let event): [event.sku.rawValue]
        case .priceChanged(let event): [event.sku.rawValue]
        case .productRenamed(let event): [event.sku.rawValue]
        case .productDiscontinued(let event): [event.sku.rawValue]
        case .stockReceived(let event): [event.sku.rawValue]
        case .stockAdjusted(let event): [event.sku.rawValue]
        case .stockReserved(let event): products(of: event.lines)
        case .stockReleased(let event): products(of: event.lines)
        case .stockShipped(let event): products(of: event.lines)
        case .stockRestocked(let event): products(of: event.lines)
        default: []
        }
    }

    private static func products(of lines: [StockLine]) -> [String] {
        var seen: Set<String> = []
        return lines.map(\.sku.rawValue).filter { seen.insert($0).inserted }
    }

    /// A mail is its own subject: what became of it names no person, and no other row depends on it.
    private static func person(of event: Event) -> String? {
        switch event {
        case .userRegistered(let event): event.userID.description
        case .verificationIssued(let event): event.userID.description
        case .verificationVoided(let event): event.userID.description
        case .emailVerified(let event): event.userID.description
        case .userDeactivated(let event): event.userID.description
        case .userReactivated(let event): event.userID.description
        case .mailRequested(let event): event.mailID.description
        case .mailSent(let event): event.mailID.description
        case .mailFailed(let event): event.mailID.description
        default: nil
        }
    }
}

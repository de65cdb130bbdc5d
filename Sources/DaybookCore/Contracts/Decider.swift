/// The pure rule of one subject: what may be asked, whether it is allowed, what it changes.
///
/// Source: Jérémie Chassaing, "Functional Event Sourcing Decider".
public protocol Decider {
    associatedtype Command
    associatedtype State
    associatedtype Event
    /// An event as recorded: with its position and time.
    associatedtype Fact
    associatedtype Context
    associatedtype Rejection: Error

    /// The state before the first event.
    static var initial: State { get }

    /// Folds one recorded event into the state. Total: what decides nothing here changes nothing.
    static func evolve(_ state: inout State, with fact: Fact)

    /// Decides a command. Depends on its arguments only.
    ///
    /// - Returns: what happened, in order; empty when the command asks for what already is.
    /// - Throws: the reason why not; then nothing happened.
    static func decide(
        _ command: Command, given state: State, in context: inout Context
    ) throws(Rejection) -> [Event]
}

/// When this happened, then ask for that: pure, from a recorded fact to commands.
public protocol Policy {
    associatedtype Event
    associatedtype Intent
    /// What to ask for because of the event.
    func intents(after event: Event) -> [Intent]
}

/// Lifts a stored payload by one step: mostly to the next schema version, sometimes to another name.
public protocol Upcaster: Sendable {
    var type: EventType { get }
    /// The schema version that it takes.
    var fromSchemaVersion: UInt32 { get }
    /// What the payload is afterwards: the next version of the same type, unless it says otherwise.
    var result: EventKind { get }
    /// Pure: the same bytes always give the same bytes.
    func upcast(_ payload: [UInt8]) throws -> [UInt8]
}

extension Upcaster {
    public var result: EventKind { EventKind(type, schemaVersion: fromSchemaVersion + 1) }
}

/// An event type that has another name today; the payload stays.
package struct EventRename: Upcaster {
    package let type: EventType
    package let fromSchemaVersion: UInt32
    package let result: EventKind

    package init(_ old: EventKind, to new: EventKind) {
        type = old.type
        fromSchemaVersion = old.schemaVersion
        result = new
    }

    package func upcast(_ payload: [UInt8]) -> [UInt8] { payload }
}

import DaybookCore
import DaybookDecisions
import DaybookLog

extension EngineCore {
    /// The answer to a request whose key has caused a batch before.
    ///
    /// - Throws: `request_in_progress` while that batch is not durable, `idempotency_key_reused` when
    ///   it was caused by another request.
    func repeated(
        _ prepared: PreparedRequest, scope: IdempotencyScope, position: LogPosition
    ) throws(DaybookError) -> CommandResult {
        guard position <= reader.head.position else {
            throw DaybookError(
                .requestInProgress, "the first request with this key is still being recorded; retry"
            )
        }
        let batch: FactBatch
        do {
            guard let recorded = try reader.batch(containing: position) else {
                preconditionFailure("EngineCore: a key names a position beyond the head")
            }
            batch = try FactBatch(recorded, reader.upcasters)
        } catch {
            throw DaybookError(reading: error)
        }
        guard
            batch.metadata.fingerprint == prepared.fingerprint
                || Mutant.otherRequestAnswered.isPlanted
        else {
            throw DaybookError(
                .idempotencyKeyReused,
                "the key was used before for another request (position \(position)); "
                    + "use a new key for a new request")
        }
        return CommandResult(
            positions: position...batch.lastPosition, isRepeat: true,
            values: values(of: prepared.commands, from: batch.facts))
    }

    /// What the commands give back, read off the facts of their batch, each command's in turn.
    func values(of commands: [PreparedCommand], from facts: [Fact]) -> [CommandValue] {
        // What was recorded of a call, which is half of all batches.
        if commands.count == 1, !commands[0].givesValue { return EngineCore.noValue }
        var rest = facts[...]
        return commands.map { command in
            guard command.givesValue else { return .none }
            while let fact = rest.popFirst() {
                if let value = value(of: command, in: fact.event, among: facts) { return value }
            }
            return .none
        }
    }

    private static let noValue = [CommandValue.none]

    /// The value that a command gives back if this is the event that carries it.
    private func value(
        of command: PreparedCommand, in event: Event, among facts: [Fact]
    ) -> CommandValue? {
        switch (command, event) {
        case (.registerUser, .userRegistered(let event)): .user(event.userID)
        case (.verifyEmail, .emailVerified(let event)): .user(event.userID)
        case (.createOrder, .orderPlaced(let event)): .order(outcome(of: event, in: facts))
        case (.shipOrder, .shipmentDispatched(let event)): .shipment(event.shipmentID)
        case (.refundPayment, .refundRequested(let event)): .refund(event.refundID)
        case (.requestReturn, .returnRequested(let event)): .goodsReturn(event.returnID)
        case (.receiveReturn, .returnReceived(let event)): .goodsReturn(event.returnID)
        default: nil
        }
    }

    /// The order as its placement leaves it; what the bank says comes on top.
    private func outcome(of placed: OrderPlaced, in facts: [Fact]) -> OrderOutcome {
        let payment = facts.lazy.compactMap { fact -> PaymentID? in
            guard case .paymentRequested(let event) = fact.event, event.orderID == placed.orderID
            else { return nil }
            return event.paymentID
        }.first
        return OrderOutcome(
            orderID: placed.orderID, orderNumber: placed.orderNumber,
            status: payment == nil ? .paid : .pending,
            payable: Money(minor: placed.payableMinor, currency: placed.currency),
            payment: payment)
    }
}

extension PreparedCommand {
    /// Whether the command's caller is given something that an event names.
    fileprivate var givesValue: Bool {
        switch self {
        case .registerUser, .verifyEmail, .createOrder, .shipOrder, .refundPayment,
            .requestReturn, .receiveReturn:
            true
        default: false
        }
    }
}

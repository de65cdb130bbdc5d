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
                .requestInProgress, "the first request with this key is still being recorded; retry")
        }
        let batch: FactBatch
        do {
            guard let recorded = try reader.batch(containing: position) else {
                preconditionFailure("EngineCore: a key names a position beyond the head")
            }
            batch = try FactBatch(recorded)
        } catch {
            throw DaybookError(reading: error)
        }
        guard batch.metadata.fingerprint == prepared.fingerprint else {
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
        var events = facts.map(\.event)[...]
        func next<Value>(_ pick: (Event) -> Value?) -> Value? {
            while let event = events.popFirst() {
                if let value = pick(event) { return value }
            }
            return nil
        }
        return commands.map { command in
            switch command {
            case .registerUser:
                next { if case .userRegistered(let event) = $0 { .user(event.userID) } else { nil } }
                    ?? .none
            case .verifyEmail:
                next { if case .emailVerified(let event) = $0 { .user(event.userID) } else { nil } }
                    ?? .none
            case .createOrder:
                next { if case .orderPlaced(let event) = $0 { event } else { nil } }
                    .map { .order(outcome(of: $0, in: facts)) } ?? .none
            case .shipOrder:
                next {
                    if case .shipmentDispatched(let event) = $0 {
                        .shipment(event.shipmentID)
                    } else {
                        nil
                    }
                } ?? .none
            case .refundPayment:
                next { if case .refundRequested(let event) = $0 { .refund(event.refundID) } else { nil } }
                    ?? .none
            case .requestReturn:
                next {
                    if case .returnRequested(let event) = $0 {
                        .goodsReturn(event.returnID)
                    } else {
                        nil
                    }
                } ?? .none
            case .receiveReturn:
                next {
                    if case .returnReceived(let event) = $0 {
                        .goodsReturn(event.returnID)
                    } else {
                        nil
                    }
                } ?? .none
            default: .none
            }
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

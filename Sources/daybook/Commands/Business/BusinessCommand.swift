import DaybookCore
import DaybookDecisions
import DaybookEngine

/// A command of the tool that is one command of the business.
protocol BusinessCommand: ToolCommand {
    var engine: EngineOptions { get }

    /// What to ask of the shop. The store is open, for what has to be looked up first.
    func command(_ daybook: Daybook) async throws -> Command

    /// What is useful next.
    func next(_ result: CommandResult) -> [String]
}

extension BusinessCommand {
    func next(_ result: CommandResult) -> [String] { [] }

    mutating func perform(_ output: Output) async throws -> Outcome {
        let asked = self
        let session = StoreSession(options: engine, global: global, output: output)
        let result = try await session.run { daybook in
            try await daybook.execute(
                try await asked.command(daybook), as: asked.engine.actor, key: asked.engine.key)
        }
        return .shown(ResultRecord.record(result), next: next(result))
    }
}

/// The result of commands as an answer.
enum ResultRecord {
    static func record(_ result: CommandResult) -> Record {
        var record = value(result.value)
        if result.values.count > 1 {
            record = [:]
            record.append("results", .records(result.values.map(value)))
        }
        record.append(positions(result))
        return record
    }

    static func positions(_ result: CommandResult) -> Record {
        [
            "first_position": .of(result.positions?.lowerBound),
            "last_position": .of(result.positions?.upperBound), "repeat": .flag(result.isRepeat),
        ]
    }

    static func value(_ value: CommandValue) -> Record {
        switch value {
        case .none: [:]
        case .user(let user): ["user_id": .of(user)]
        case .order(let order):
            [
                "order_id": .of(order.orderID), "order_number": .of(order.orderNumber),
                "status": .text(order.status.name), "payable": .money(order.payable),
                "payment_id": .of(order.payment),
            ]
        case .shipment(let shipment): ["shipment_id": .of(shipment)]
        case .refund(let refund): ["refund_id": .of(refund)]
        case .goodsReturn(let goodsReturn): ["return_id": .of(goodsReturn)]
        }
    }
}

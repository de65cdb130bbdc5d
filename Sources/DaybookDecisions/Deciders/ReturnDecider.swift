import DaybookCore

/// Goods coming back (T-13).
enum ReturnDecider {
    static func request(
        _ command: RequestReturn, given shop: Shop, in context: inout DecisionContext
    ) throws(Rejection) -> [Event] {
        let order = try shop.find(command.order)
        guard order.closure == .open, order.shippedUnits > 0 else {
            throw order.illegal(RequestReturn.name)
        }
        guard !command.lines.isEmpty else {
            throw .validationFailed([FieldProblem(field: "lines", problem: "must not be empty")])
        }
        var wanted: [Int: Int64] = [:]
        var excesses: [LineExcess] = []
        var lines: [LineQuantity] = []
        for line in command.lines {
            guard let quantity = Int32(exactly: line.quantity).flatMap(Quantity.init(rawValue:))
            else {
                throw .invalidQuantity([
                    LineQuantityProblem(lineNumber: line.lineNumber, quantity: line.quantity)
                ])
            }
            let limit = returnable(line: line.lineNumber, of: order)
            let sum = wanted[line.lineNumber, default: 0] + Int64(line.quantity)
            wanted[line.lineNumber] = sum
            if sum > limit {
                excesses.append(
                    LineExcess(lineNumber: line.lineNumber, requested: sum, limit: limit))
            } else {
                lines.append(LineQuantity(lineNumber: Int32(line.lineNumber), quantity: quantity))
            }
        }
        guard excesses.isEmpty else { throw .overReturn(excesses) }
        return [
            .returnRequested(
                ReturnRequested(
                    orderID: order.id, returnID: context.identifiers.make(), lines: lines))
        ]
    }

    /// Units of a line that were sent and neither came back nor are announced to; 0 for no line.
    private static func returnable(line number: Int, of order: OrderState) -> Int64 {
        guard order.lines.indices.contains(number - 1) else { return 0 }
        return Int64(order.lines[number - 1].shipped)
            - (Mutant.returnAnnouncedTwice.isPlanted
                ? 0 : Int64(order.announcedReturns(ofLine: Int32(number))))
    }

    static func receive(
        _ command: ReceiveReturn, given shop: Shop
    ) throws(Rejection) -> [Event] {
        let order = try shop.find(command.order)
        let announced = try announcedReturn(command, of: order)
        guard !announced.isReceived || Mutant.returnReceivedTwice.isPlanted else {
            throw order.illegal(ReceiveReturn.name)
        }
        let lines = try checkedLines(command, announced: announced)
        var events: [Event] = [
            .returnReceived(
                ReturnReceived(orderID: order.id, returnID: announced.id, lines: lines))
        ]
        let restocked = command.restock ? restockedLines(lines, of: order) : []
        if !restocked.isEmpty {
            events.append(
                .stockRestocked(
                    StockRestocked(orderID: order.id, returnID: announced.id, lines: restocked)))
        }
        return events
    }

    /// The return that is named, or the one that is open.
    private static func announcedReturn(
        _ command: ReceiveReturn, of order: OrderState
    ) throws(Rejection) -> ReturnState {
        if let id = command.returnID {
            guard let named = order.returns.first(where: { $0.id == id }) else {
                throw .returnNotFound(id)
            }
            return named
        }
        let open = order.returns.filter { !$0.isReceived }
        guard open.count == 1, let only = open.first else {
            throw .validationFailed([
                FieldProblem(
                    field: "return_id",
                    problem: "the order has \(open.count) open returns; name the one that came in")
            ])
        }
        return only
    }

    private static func checkedLines(
        _ command: ReceiveReturn, announced: ReturnState
    ) throws(Rejection) -> [ReturnedLine] {
        guard !command.lines.isEmpty else {
            throw .validationFailed([FieldProblem(field: "lines", problem: "must not be empty")])
        }
        var lines: [ReturnedLine] = []
        var excesses: [LineExcess] = []
        for line in command.lines {
            guard (0...100_000).contains(line.received), (0...line.received).contains(line.damaged),
                !lines.contains(where: { $0.lineNumber == line.lineNumber })
            else {
                throw .validationFailed([
                    FieldProblem(
                        field: "lines",
                        problem: "line \(line.lineNumber) needs 0 ≤ damaged ≤ received ≤ 100000, "
                            + "once")
                ])
            }
            let limit = announced.lines.reduce(Int64(0)) { units, announced in
                Int(announced.lineNumber) == line.lineNumber
                    ? units + Int64(announced.quantity.rawValue) : units
            }
            guard line.received <= limit, limit > 0 else {
                excesses.append(
                    LineExcess(
                        lineNumber: line.lineNumber, requested: Int64(line.received), limit: limit))
                continue
            }
            lines.append(
                ReturnedLine(
                    lineNumber: Int32(line.lineNumber), received: Int32(line.received),
                    damaged: Int32(line.damaged)))
        }
        guard excesses.isEmpty else { throw .overReturn(excesses) }
        return lines
    }

    /// Undamaged units go back to the locations that they were sent from, in the order of shipping.
    private static func restockedLines(
        _ lines: [ReturnedLine], of order: OrderState
    ) -> [StockLine] {
        var restocked: [StockLine] = []
        for line in lines where !order.lines[Int(line.lineNumber) - 1].isUnstocked {
            var units = line.received - (Mutant.damagedRestocked.isPlanted ? 0 : line.damaged)
            for index in order.reservationRange(ofLine: line.lineNumber) {
                let reservation = order.reservations[index]
                let part = min(units, reservation.shipped - reservation.restocked)
                guard let quantity = Quantity(rawValue: part) else { continue }
                units -= part
                restocked.append(order.stockLine(of: reservation, quantity: quantity))
            }
        }
        return restocked
    }
}

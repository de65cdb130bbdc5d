import DaybookCore

/// Sending goods (T-08): only units of a paid order, only where they are kept for it.
enum ShipmentDecider {
    static func ship(
        _ command: ShipOrder, given shop: Shop, in context: inout DecisionContext
    ) throws(Rejection) -> [Event] {
        let order = try shop.find(command.order)
        let isPaid = order.status == .paid || Mutant.shippedUnpaid.isPlanted
        guard isPaid || order.status == .processing, !order.isHeld else {
            throw order.illegal(ShipOrder.name)
        }
        let units = try wantedUnits(command, of: order)
        let shipment: ShipmentID = context.identifiers.make()
        var sent: [LineQuantity] = []
        var moved: [StockLine] = []
        for (offset, count) in units.enumerated() {
            guard let quantity = Quantity(rawValue: count) else { continue }
            sent.append(LineQuantity(lineNumber: Int32(offset + 1), quantity: quantity))
            guard !order.lines[offset].isUnstocked else { continue }
            moved.append(
                StockLine(
                    lineNumber: Int32(offset + 1), sku: order.lines[offset].sku,
                    location: command.location, quantity: quantity))
        }
        var events: [Event] = [
            .shipmentDispatched(
                ShipmentDispatched(
                    orderID: order.id, shipmentID: shipment, location: command.location,
                    lines: sent, carrier: command.carrier, tracking: command.tracking))
        ]
        if !moved.isEmpty {
            events.append(
                .stockShipped(
                    StockShipped(orderID: order.id, shipmentID: shipment, lines: moved)))
        }
        return events
    }

    /// How many units of each line are to go, by line; at least one in all.
    private static func wantedUnits(
        _ command: ShipOrder, of order: OrderState
    ) throws(Rejection) -> [Int32] {
        let limits = order.lines.indices.map {
            shippable(line: $0, of: order, at: command.location)
        }
        guard let lines = command.lines else {
            guard limits.contains(where: { $0 > 0 }) else {
                throw .overShipment(excess(of: order))
            }
            return limits
        }
        guard !lines.isEmpty else {
            throw .validationFailed([FieldProblem(field: "lines", problem: "must not be empty")])
        }
        let problems = lines.filter { !(1...100_000).contains($0.quantity) }
        guard problems.isEmpty else {
            throw .invalidQuantity(
                problems.map {
                    LineQuantityProblem(lineNumber: $0.lineNumber, quantity: $0.quantity)
                })
        }
        var wanted = [Int64](repeating: 0, count: limits.count)
        var excesses: [LineExcess] = []
        for line in lines {
            guard limits.indices.contains(line.lineNumber - 1) else {
                excesses.append(
                    LineExcess(
                        lineNumber: line.lineNumber, requested: Int64(line.quantity), limit: 0))
                continue
            }
            // A line may be named more than once; what counts is the sum.
            wanted[line.lineNumber - 1] += Int64(line.quantity)
            let extra: Int64 = Mutant.overShipmentByOne.isPlanted ? 1 : 0
            let limit = Int64(limits[line.lineNumber - 1]) + extra
            guard wanted[line.lineNumber - 1] > limit else { continue }
            excesses.append(
                LineExcess(
                    lineNumber: line.lineNumber, requested: wanted[line.lineNumber - 1],
                    limit: limit))
        }
        guard excesses.isEmpty else { throw .overShipment(excesses) }
        return wanted.map { Int32(clamping: $0) }
    }

    /// Units of a line that can leave a location: unshipped, and kept there unless never stocked.
    private static func shippable(
        line offset: Int, of order: OrderState, at location: LocationID
    ) -> Int32 {
        let line = order.lines[offset]
        if line.isUnstocked { return line.quantity - line.shipped }
        return order.reservationRange(ofLine: Int32(offset + 1)).reduce(0) { units, index in
            let reservation = order.reservations[index]
            let isHere =
                reservation.location == location || Mutant.shippedFromElsewhere.isPlanted
            return isHere ? units + reservation.remaining : units
        }
    }

    /// Every unshipped line, none of which can leave the location that was named.
    private static func excess(of order: OrderState) -> [LineExcess] {
        order.lines.enumerated().compactMap { offset, line in
            line.shipped < line.quantity
                ? LineExcess(
                    lineNumber: offset + 1, requested: Int64(line.quantity - line.shipped), limit: 0
                )
                : nil
        }
    }
}

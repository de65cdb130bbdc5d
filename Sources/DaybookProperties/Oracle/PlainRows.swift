import DaybookCore
import DaybookDecisions

/// What the rows of the read models are by definition: plain functions of all facts.
struct PlainRows {
    let facts: [Fact]
    /// The decider's fold of the same facts, which is what both sides must agree with.
    let state: Shop

    private func events<Value>(_ pick: (Event) -> Value?) -> [Value] {
        facts.compactMap { pick($0.event) }
    }

    private var placed: [OrderPlaced] {
        events { if case .orderPlaced(let event) = $0 { event } else { nil } }
    }

    // MARK: Orders

    var orders: [String] {
        placed.compactMap { event in
            guard let order = state.order(event.orderID) else { return nil }
            return [
                "\(order.number)", "\(order.netMinor)", "\(order.payableMinor)", order.status.name,
                order.paymentState.name, order.fulfilment.name, order.closure.name,
                "\(order.payment?.capturedMinor ?? 0)", "\(order.payment?.refundedMinor ?? 0)",
                "\(order.shippedUnits)", "\(order.returnedUnits)",
            ].joined(separator: " | ")
        }
    }

    var lines: [String] {
        placed.flatMap { event in
            event.lines.enumerated().map { index, line in
                let sent = events { parcel -> Int32? in
                    guard case .shipmentDispatched(let parcel) = parcel,
                        parcel.orderID == event.orderID
                    else { return nil }
                    return parcel.lines.reduce(0) {
                        $1.lineNumber == line.lineNumber ? $0 + $1.quantity.rawValue : $0
                    }
                }
                let back = events { goods -> Int32? in
                    guard case .returnReceived(let goods) = goods, goods.orderID == event.orderID
                    else { return nil }
                    return goods.lines.reduce(0) {
                        $1.lineNumber == line.lineNumber ? $0 + $1.received : $0
                    }
                }
                return
                    "\(event.orderNumber) | \(index + 1) | \(line.sku) | \(line.quantity) | "
                    + "\(line.unitPriceMinor) | \(sent.reduce(0, +)) | \(back.reduce(0, +))"
            }
        }
    }

    var payments: [String] {
        placed.compactMap { event -> (PaymentAccount, String)? in
            guard let payment = state.order(event.orderID)?.payment else { return nil }
            return (
                payment,
                "\(event.orderNumber) | \(payment.state.name) | \(payment.authorizedMinor) | "
                    + "\(payment.capturedMinor) | \(payment.strayMinor) | \(payment.refundedMinor) | "
                    + "\(payment.isHeld ? 1 : 0)"
            )
        }.sorted { $0.0.id < $1.0.id }.map(\.1)
    }

    var refunds: [String] {
        let failed = Set(
            events { if case .refundFailed(let event) = $0 { event.refundID } else { nil } })
        let done = Set(
            events { if case .refundSucceeded(let event) = $0 { event.refundID } else { nil } })
        let asked = events { if case .refundRequested(let event) = $0 { event } else { nil } }
        return asked.sorted { $0.refundID < $1.refundID }.map { refund in
            let state =
                done.contains(refund.refundID)
                ? "succeeded" : failed.contains(refund.refundID) ? "failed" : "requested"
            return "\(state) | \(refund.amount.minor)"
        }
    }

    var returns: [String] {
        let received = events { if case .returnReceived(let event) = $0 { event } else { nil } }
        let asked = events { if case .returnRequested(let event) = $0 { event } else { nil } }
        return asked.sorted { $0.returnID < $1.returnID }.map { wish in
            let units = wish.lines.reduce(0) { $0 + $1.quantity.rawValue }
            guard let came = received.first(where: { $0.returnID == wish.returnID }) else {
                return "requested | \(units) | 0 | 0"
            }
            return
                "received | \(units) | \(came.lines.reduce(0) { $0 + $1.received }) | "
                + "\(came.lines.reduce(0) { $0 + $1.damaged })"
        }
    }

    var shipments: [String] {
        events { if case .shipmentDispatched(let event) = $0 { event } else { nil } }
            .sorted { $0.shipmentID < $1.shipmentID }
            .map { "\($0.lines.reduce(0) { $0 + $1.quantity.rawValue })" }
    }

    var userProducts: [String] {
        var counts: [String: (times: Int, orders: Set<OrderID>, units: Int32)] = [:]
        for event in placed {
            for line in event.lines {
                var count = counts[line.sku.rawValue] ?? (0, [], 0)
                count.times += 1
                count.orders.insert(event.orderID)
                count.units += line.quantity.rawValue
                counts[line.sku.rawValue] = count
            }
        }
        return counts.sorted { $0.key < $1.key }.map {
            "\($0.key) | \($0.value.times) | \($0.value.orders.count) | \($0.value.units)"
        }
    }

    // MARK: Goods

    var products: [String] {
        state.catalogue.products.sorted { $0.sku < $1.sku }.map {
            "\($0.sku) | \($0.name) | \($0.price.minor) | \($0.isOnSale ? 1 : 0)"
        }
    }

    var stock: [String] {
        state.catalogue.products.sorted { $0.sku < $1.sku }.flatMap { product in
            product.stock.sorted { $0.location < $1.location }.map {
                "\(product.sku) | \($0.location) | \($0.onHand) | \($0.reserved)"
            }
        }
    }

    // MARK: People

    var users: [String] {
        events { if case .userRegistered(let event) = $0 { event.userID } else { nil } }
            .sorted().compactMap(state.user).map {
                "\($0.id) | \($0.isDeactivated ? "disabled" : "enabled") | \($0.isActive ? 1 : 0)"
            }
    }

    var links: [String] {
        let issued = events { if case .verificationIssued(let event) = $0 { event } else { nil } }
        let used = Set(
            events { if case .emailVerified(let event) = $0 { event.verificationID } else { nil } })
        let voided = Set(
            events {
                if case .verificationVoided(let event) = $0 { event.verificationID } else { nil }
            })
        return issued.sorted { $0.verificationID < $1.verificationID }.map { link in
            let state =
                used.contains(link.verificationID)
                ? "used" : voided.contains(link.verificationID) ? "voided" : "issued"
            return "\(link.verificationID) | \(state)"
        }
    }

    var mails: [String] {
        var states: [MailID: (template: String, state: String, failures: Int)] = [:]
        for fact in facts {
            switch fact.event {
            case .mailRequested(let event):
                states[event.mailID] = (event.template.name, "requested", 0)
            case .mailSent(let event): states[event.mailID]?.state = "sent"
            case .mailFailed(let event):
                if !event.willRetry { states[event.mailID]?.state = "failed" }
                states[event.mailID]?.failures += 1
            default: break
            }
        }
        return states.sorted { $0.key < $1.key }.map {
            "\($0.value.template) | \($0.value.state) | \($0.value.failures)"
        }
    }
}

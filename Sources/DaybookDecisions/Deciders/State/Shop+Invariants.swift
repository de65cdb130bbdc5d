import DaybookCore

/// What must hold of every state, whatever the log says (DOMAIN section 5).
extension Shop {
    /// What does not hold; empty for a sound state. Each text begins with the number of the property.
    ///
    /// - Complexity: O(*n*) in products and open orders.
    package func violations() -> [String] {
        var kept = KeptStock()
        var broken: [(order: OrderID, texts: [String])] = []
        // Once: most open orders are packed, and unpacking them is most of the work.
        orders.forEachOpen { order in
            kept.count(order)
            let texts = order.violations()
            if !texts.isEmpty { broken.append((order.id, texts)) }
        }
        return stockViolations(kept)
            + broken.sorted { $0.order < $1.order }.flatMap(\.texts) + claimViolations()
    }

    /// What open orders keep of a product at a location.
    private struct KeptStock {
        private var units: [SKU: [LocationID: Int64]] = [:]

        mutating func count(_ order: OrderState) {
            for reservation in order.reservations where reservation.remaining != 0 {
                let sku = order.lines[Int(reservation.lineNumber) - 1].sku
                units[sku, default: [:]][reservation.location, default: 0] +=
                    Int64(reservation.remaining)
            }
        }

        subscript(sku: SKU, location: LocationID) -> Int64 { units[sku]?[location] ?? 0 }
    }

    /// P-01 and P-03, P-04: figures are never negative, and reserved is what open orders keep.
    private func stockViolations(_ kept: KeptStock) -> [String] {
        var found: [String] = []
        for product in catalogue.products {
            for figures in product.stock {
                let name = "\(product.sku) at \(figures.location)"
                if figures.onHand < 0 || figures.reserved < 0 || figures.available < 0 {
                    found.append(
                        "P-01 \(name): on hand \(figures.onHand), reserved \(figures.reserved)")
                }
                let expected = kept[product.sku, figures.location]
                if figures.reserved != expected {
                    found.append(
                        "P-03 \(name): reserved \(figures.reserved), but open orders keep "
                            + "\(expected)")
                }
            }
        }
        return found
    }

    /// P-20: an address is held by at most one account.
    private func claimViolations() -> [String] {
        var holders: [EmailDigest: UserID] = [:]
        var found: [String] = []
        users.forEach { user in
            guard user.holdsClaim else { return }
            if let other = holders.updateValue(user.id, forKey: user.emailDigest) {
                found.append("P-20 \(user.id) and \(other) hold the same address")
            }
        }
        return found
    }
}

extension OrderState {
    /// P-04, P-06, P-10 and P-12 of one order.
    package func violations() -> [String] {
        var found: [String] = []
        for reservation in reservations
        where reservation.released < 0 || reservation.shipped < 0 || reservation.remaining < 0 {
            found.append(
                "P-06 \(id) line \(reservation.lineNumber): reserved \(reservation.reserved), "
                    + "released \(reservation.released), shipped \(reservation.shipped)")
        }
        for (offset, line) in lines.enumerated() {
            let isSound =
                0 <= line.returned && line.returned <= line.shipped
                && line.shipped <= line.quantity
            if !isSound {
                found.append(
                    "P-06 \(id) line \(offset + 1): ordered \(line.quantity), shipped "
                        + "\(line.shipped), returned \(line.returned)")
            }
            if let excess = keptDiffers(fromLine: offset) { found.append(excess) }
        }
        if netMinor &+ taxMinor != payableMinor {
            found.append("P-10 \(id): net \(netMinor) + tax \(taxMinor) ≠ \(payableMinor)")
        }
        return found + paymentViolations()
    }

    /// P-04: an open order keeps exactly what it still has to send, unless it was declined.
    private func keptDiffers(fromLine offset: Int) -> String? {
        let line = lines[offset]
        guard closure == .open, !isDeclined, !line.isUnstocked else { return nil }
        let kept = reservationRange(ofLine: Int32(offset + 1)).reduce(Int32(0)) {
            $0 + reservations[$1].remaining
        }
        guard kept != line.quantity - line.shipped else { return nil }
        return "P-04 \(id) line \(offset + 1): keeps \(kept), has to send "
            + "\(line.quantity - line.shipped)"
    }

    private func paymentViolations() -> [String] {
        guard let payment else { return [] }
        var found: [String] = []
        let back = payment.refundedMinor &+ payment.refundPendingMinor
        if payment.refundedMinor < 0 || back > payment.receivedMinor {
            found.append(
                "P-12 \(id): refunded and to be refunded \(back), received "
                    + "\(payment.receivedMinor)")
        }
        if payment.capturedMinor > max(payment.requestedMinor, payment.authorizedMinor) {
            found.append(
                "P-12 \(id): captured \(payment.capturedMinor), authorised "
                    + "\(payment.authorizedMinor), requested \(payment.requestedMinor)")
        }
        return found
    }
}

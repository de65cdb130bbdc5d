public import DaybookCore

extension Event {
    /// The subjects of the event, under which it is found: DOMAIN 4.2.
    ///
    /// Every event of an order carries the order's tag, every event of a payment the payment's as well.
    /// Catalogue and stock events carry the tag of each product once, orders do not.
    public var tags: [Tag] {
        var list = TagList()
        visitTags(&list)
        return list.tags
    }

    /// Hands out the tags in their order, without a list of them.
    @inlinable
    package func visitTags(_ sink: inout some TagSink & ~Copyable) {
        switch self {
        case .orderPlaced(let event):
            sink.add(event.orderID)
            sink.add(event.userID)
        case .stockReserved(let event):
            sink.add(event.orderID)
            sink.add(productsOf: event.lines)
        case .paymentRequested(let event):
            sink.add(event.orderID)
            sink.add(event.paymentID)
        case .paymentCaptured(let event):
            sink.add(event.orderID)
            sink.add(event.paymentID)
        case .mailRequested(let event):
            sink.add(event.mailID)
            sink.add(event.userID)
            if let orderID = event.orderID { sink.add(orderID) }
            if let verificationID = event.verificationID { sink.add(verificationID) }
        default:
            // Seldom in any number.
            for tag in otherTags { sink.add(tag) }
        }
    }

    @usableFromInline var otherTags: [Tag] {
        switch self {
        case .userRegistered(let event): [event.userID.tag, event.emailDigest.tag]
        case .verificationIssued(let event): [event.verificationID.tag, event.userID.tag]
        case .verificationVoided(let event): [event.verificationID.tag, event.userID.tag]
        case .emailVerified(let event): [event.verificationID.tag, event.userID.tag]
        case .userDeactivated(let event): [event.userID.tag]
        case .userReactivated(let event): [event.userID.tag]
        case .mailSent(let event): [event.mailID.tag]
        case .mailFailed(let event): [event.mailID.tag]
        case .gatewayEventReceived(let event): event.tags
        case .projectionEventSkipped(let event): [Tag(label: "projection", text: event.model)]
        default: inventoryTags ?? orderTags ?? paymentTags
        }
    }

    private var inventoryTags: [Tag]? {
        switch self {
        case .productAdded(let event): [event.sku.tag]
        case .priceChanged(let event): [event.sku.tag]
        case .productRenamed(let event): [event.sku.tag]
        case .productDiscontinued(let event): [event.sku.tag]
        case .stockReceived(let event): [event.sku.tag]
        case .stockAdjusted(let event): [event.sku.tag]
        case .stockReleased(let event): [event.orderID.tag] + skuTags(of: event.lines)
        case .stockShipped(let event):
            [event.orderID.tag, event.shipmentID.tag] + skuTags(of: event.lines)
        case .stockRestocked(let event):
            [event.orderID.tag, event.returnID.tag] + skuTags(of: event.lines)
        default: nil
        }
    }

    private var orderTags: [Tag]? {
        switch self {
        case .processingStarted(let event): [event.orderID.tag]
        case .shipmentDispatched(let event): [event.orderID.tag, event.shipmentID.tag]
        case .orderCancelled(let event): [event.orderID.tag]
        case .orderExpired(let event): [event.orderID.tag]
        case .returnRequested(let event): [event.orderID.tag, event.returnID.tag]
        case .returnReceived(let event): [event.orderID.tag, event.returnID.tag]
        default: nil
        }
    }

    private var paymentTags: [Tag] {
        switch self {
        case .paymentAuthorized(let event): [event.orderID.tag, event.paymentID.tag]
        case .paymentCaptureRequested(let event): [event.orderID.tag, event.paymentID.tag]
        case .paymentDeclined(let event): [event.orderID.tag, event.paymentID.tag]
        case .paymentOutcomeUnknown(let event): [event.orderID.tag, event.paymentID.tag]
        case .paymentVoidRequested(let event): [event.orderID.tag, event.paymentID.tag]
        case .paymentVoided(let event): [event.orderID.tag, event.paymentID.tag]
        case .refundRequested(let event): [event.orderID.tag, event.paymentID.tag]
        case .refundSucceeded(let event): [event.orderID.tag, event.paymentID.tag]
        case .refundFailed(let event): [event.orderID.tag, event.paymentID.tag]
        case .paymentAmountMismatchDetected(let event): [event.orderID.tag, event.paymentID.tag]
        case .latePaymentReceived(let event): [event.orderID.tag, event.paymentID.tag]
        default: []
        }
    }

    private func skuTags(of lines: [StockLine]) -> [Tag] {
        var list = TagList()
        list.add(productsOf: lines)
        return list.tags
    }
}

extension TagSink where Self: ~Copyable {
    /// The tag of each product, in the order of the lines, each once.
    @inlinable
    package mutating func add(productsOf lines: [StockLine]) {
        guard lines.count > 8 else {
            for index in lines.indices {
                let sku = lines[index].sku
                guard !lines[..<index].contains(where: { $0.sku == sku }) else { continue }
                add(label: "sku", text: sku.rawValue)
            }
            return
        }
        var seen: Set<SKU> = []
        for line in lines where seen.insert(line.sku).inserted {
            add(label: "sku", text: line.sku.rawValue)
        }
    }
}

extension SKU {
    /// The tag under which every event of the product and its stock is found.
    public var tag: Tag { Tag(label: "sku", text: rawValue) }
}

extension EmailDigest {
    /// The tag under which the accounts of an address are found: 64 hexadecimal digits.
    public var tag: Tag { Tag(label: "email", text: digest.description) }
}

extension GatewayEventReceived {
    fileprivate var tags: [Tag] {
        let tag = Tag(label: "gateway", text: providerEventID)
        return paymentID.map { [tag, $0.tag] } ?? [tag]
    }
}

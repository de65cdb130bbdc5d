import DaybookCore
import DaybookDecisions
import DaybookEngine
import DaybookGateways
import DaybookProjections

/// Where the world looks at what the store did, and compares it with what its clients know.
extension StoreWorld {
    /// Right after a start, before anybody asks for anything.
    func judgeOpened(_ daybook: Daybook) async {
        report.recoveries += 1
        if daybook.foldedFrom > .start { note(.openedFromSnapshot) }
        if hasCrashedServing, daybook.foldedFrom > snapshotAtStart {
            note(.snapshotOfCrashedProcess)
        }
        if daybook.start.keyRunCount > 0 { note(.openedWithKeyRuns) }
        if hasDamagedSnapshot, daybook.foldedFrom > .start { note(.olderSnapshotUsed) }
        hasDamagedSnapshot = false
        snapshotAtStart = daybook.foldedFrom
        hasCrashedServing = false
        if daybook.projectedAtStart > .start, daybook.projectedAtStart < daybook.headAtStart {
            note(.readModelBehind)
        }
        for notice in daybook.notices {
            if notice.contains("is damaged") { note(.readModelDamaged) }
            if notice.contains("another log") { note(.readModelForeign) }
        }
        do throws(StoreViolation) {
            let batches = try StoreOracle.read(disk)
            try oracle.judge(batches)
            try judgeRequests(batches)
            _ = try StoreOracle.reference(of: batches)
            report.batches = max(report.batches, batches.count)
        } catch {
            fail(error.promise, error.details)
        }
    }

    /// When all work is done and the store is about to close for the last time.
    func judgeEnd(_ daybook: Daybook) async {
        do throws(StoreViolation) {
            let batches = try StoreOracle.read(disk)
            try oracle.judge(batches)
            try judgeRequests(batches)
            let shop = try StoreOracle.reference(of: batches)
            try judgeOrders(shop)
            try judgeMoney(shop)
            try judgeMails(shop)
            try await judgeStock(shop, daybook)
            try await judgeEngine(daybook)
            try judgeSecrets(batches)
            noteOutcomes(shop)
        } catch {
            fail(error.promise, error.details)
        }
    }

    private func noteOutcomes(_ shop: ReferenceShop) {
        if shop.expired > 0 { note(.expired) }
        if shop.lateMoney > 0 { note(.latePayment) }
        if shop.partialCaptures > 0 { note(.partialCapture) }
        if shop.refunded > 0 { note(.refunded) }
        if shop.returns > 0 { note(.returned) }
    }
}

// MARK: - Requests

extension StoreWorld {
    /// Whatever anybody was told is in the log, once.
    private func judgeRequests(_ batches: [NaiveBatch]) throws(StoreViolation) {
        var batchesByKey: [String: NaiveBatch] = [:]
        var batchesByPosition: [UInt64: NaiveBatch] = [:]
        for batch in batches {
            batchesByPosition[batch.firstPosition] = batch
            guard let bytes = batch.key else { continue }
            let key = String(decoding: bytes, as: UTF8.self)
            if let other = batchesByKey.updateValue(batch, forKey: key) {
                throw StoreViolation(
                    .decidedOnce, "\(key) stands in batches \(other.number) and \(batch.number)")
            }
        }
        for entry in clients.sent {
            let byKey = entry.request.key.flatMap { batchesByKey[$0.rawValue] }
            if let positions = entry.result?.positions {
                try judge(
                    entry, at: positions, byKey,
                    batchesByPosition[positions.lowerBound.rawValue])
            } else if entry.state == .rejected, let byKey {
                throw StoreViolation(
                    .decidedOnce,
                    "request \(entry.number) was rejected and is batch \(byKey.number)")
            }
        }
    }

    private func judge(
        _ entry: ClientBook.Sent, at positions: ClosedRange<LogPosition>, _ byKey: NaiveBatch?,
        _ byPosition: NaiveBatch?
    ) throws(StoreViolation) {
        let count = positions.upperBound.rawValue - positions.lowerBound.rawValue + 1
        let name =
            entry.request.commands.count == 1 ? entry.request.commands[0].name : "Transaction"
        guard let batch = byPosition, UInt64(batch.events.count) == count,
            String(decoding: batch.command, as: UTF8.self) == name,
            entry.request.key == nil || byKey == batch
        else {
            throw StoreViolation(
                .acknowledgedIsKept,
                "request \(entry.number) (\(name)) was told \(positions); there is "
                    + "\(byPosition.map { "batch \($0.number)" } ?? "nothing") instead")
        }
    }

    /// What is told must be on the disk even if the power goes right now.
    func checkDurable(through position: LogPosition) {
        do throws(StoreViolation) {
            let batches = try StoreOracle.read(promised)
            let last = batches.last.map { $0.firstPosition + UInt64($0.events.count) - 1 } ?? 0
            if last < position.rawValue {
                fail(
                    .durableFirst,
                    "\(position) was acknowledged while the disk had promised \(last)")
            }
        } catch {
            fail(error.promise, error.details)
        }
    }

    /// What the disk has promised: nothing that was not synced.
    private var promised: SimulatedDisk {
        disk.crashed(.nothing, chance: Chance(replaying: []))
    }

    /// What the bank is asked must stand in the log first, on the disk.
    func checkIntent(_ key: String, _ kind: WorldBank.CallKind) {
        intentCount += 1
        guard intentCount % 6 == 1 else { return }
        do throws(StoreViolation) {
            let shop = try StoreOracle.reference(of: try StoreOracle.read(promised))
            if !shop.gatewayKeys.contains(key) {
                fail(
                    .durableFirst, "the bank is asked for \(key), of which no durable intent knows")
            }
        } catch {
            fail(error.promise, error.details)
        }
    }

    func checkMail(_ mail: OutgoingMail) {
        intentCount += 1
        guard intentCount % 6 == 1 else { return }
        do throws(StoreViolation) {
            let shop = try StoreOracle.reference(of: try StoreOracle.read(promised))
            if shop.mails[mail.id] == nil {
                fail(.durableFirst, "mail \(mail.id) is sent, of which no durable intent knows")
            }
        } catch {
            fail(error.promise, error.details)
        }
    }
}

// MARK: - Money and mails

extension StoreWorld {
    private func judgeOrders(_ shop: ReferenceShop) throws(StoreViolation) {
        for (id, order) in shop.orders.sorted(by: { $0.key < $1.key }) {
            if order.isDeclined, order.kept.values.contains(where: { $0 != 0 }) {
                throw StoreViolation(.rulesHold, "\(id) was declined and keeps its stock")
            }
            if plan.startsProcessing, order.money >= order.payable, !order.isClosed,
                !order.isHeld, !order.isDeclined, !order.isProcessing
            {
                throw StoreViolation(.worksEnd, "\(id) is paid and nobody prepares it")
            }
        }
    }

    private func judgeMoney(_ shop: ReferenceShop) throws(StoreViolation) {
        for key in bank.arrivals.keys.sorted() where !shop.gatewayKeys.contains(key) {
            throw StoreViolation(.chargedOnce, "the bank was asked for \(key), unknown to the log")
        }
        for key in shop.declinedKeys.sorted() {
            switch try? bank.books.lookup(key: key) {
            case .answered(.captured), .answered(.authorized):
                throw StoreViolation(
                    .moneyAgrees, "the log says that \(key) was declined; the bank did it")
            default: break
            }
        }
        let totals = bank.books.totals.first
        let (captured, refunded) = (totals?.captured ?? 0, totals?.refunded ?? 0)
        guard captured == Int128(shop.captured), refunded == Int128(shop.refunded) else {
            throw StoreViolation(
                .moneyAgrees,
                "the bank took \(captured) and gave back \(refunded); the log says "
                    + "\(shop.captured) and \(shop.refunded)")
        }
    }

    private func judgeMails(_ shop: ReferenceShop) throws(StoreViolation) {
        var texts: [MailID: OutgoingMail] = [:]
        for mail in post.accepted {
            guard shop.mails[mail.id] != nil else {
                throw StoreViolation(.mailedAtLeastOnce, "mail \(mail.id) was never asked for")
            }
            guard texts.updateValue(mail, forKey: mail.id).map({ $0 == mail }) ?? true else {
                throw StoreViolation(.mailedAtLeastOnce, "mail \(mail.id) has two texts")
            }
        }
        for id in shop.mails.keys.sorted() where !shop.lostMails.contains(id) {
            guard texts[id] != nil, shop.sentMails.contains(id) else {
                throw StoreViolation(.mailedAtLeastOnce, "mail \(id) was never sent")
            }
        }
    }
}

// MARK: - State, read models, secrets

extension StoreWorld {
    private func judgeStock(
        _ shop: ReferenceShop, _ daybook: Daybook
    ) async throws(StoreViolation) {
        for product in await daybook.catalogue() {
            let expected = shop.stock[product.sku.rawValue] ?? ReferenceShop.Stock()
            guard product.onHand == expected.onHand, product.reserved == expected.reserved else {
                throw StoreViolation(
                    .stateAgrees,
                    "\(product.sku): \(product.onHand) on hand, \(product.reserved) reserved; the "
                        + "log gives \(expected.onHand) and \(expected.reserved)")
            }
            let available: Int64
            do {
                available = try await daybook.readModels.availability(sku: product.sku).value
                    .available
            } catch {
                throw StoreViolation(.readModelsAgree, "\(product.sku): \(error)")
            }
            guard available == expected.onHand - expected.reserved else {
                throw StoreViolation(
                    .readModelsAgree,
                    "\(product.sku): \(available) available, the log gives "
                        + "\(expected.onHand - expected.reserved)")
            }
        }
    }

    private func judgeEngine(_ daybook: Daybook) async throws(StoreViolation) {
        do {
            guard try await daybook.isStateEqualToFold() == true else {
                throw StoreViolation(.stateAgrees, "the state differs from the folded log")
            }
            let replay = try daybook.replay(scratch: folder.scratch)
            if let violation = replay.violations.first {
                throw StoreViolation(.rulesHold, violation)
            }
            for name in ReadModelName.allCases where replay.models[name] != true {
                throw StoreViolation(.readModelsAgree, "\(name) differs from its rebuild")
            }
            guard replay.snapshotIsEqual else {
                throw StoreViolation(
                    .stateAgrees,
                    "the snapshot at \(replay.snapshotPosition?.rawValue ?? 0) is not the log's")
            }
        } catch let error as StoreViolation {
            throw error
        } catch {
            throw StoreViolation(.stateAgrees, "\(error)")
        }
    }

    /// No value of a person in the log or in a snapshot.
    private func judgeSecrets(_ batches: [NaiveBatch]) throws(StoreViolation) {
        let needle = Array("canary".utf8)
        for batch in batches {
            for event in batch.events where event.payload.firstRange(of: needle) != nil {
                throw StoreViolation(
                    .secretsStaySecret, "batch \(batch.number) holds a personal value")
            }
        }
        for name in SnapshotNames.all where snapshots.bytes(name).firstRange(of: needle) != nil {
            throw StoreViolation(.secretsStaySecret, "\(name) holds a personal value")
        }
    }
}

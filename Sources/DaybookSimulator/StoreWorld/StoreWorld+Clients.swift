import DaybookCore
import DaybookDecisions
import DaybookEngine

/// What clients do: they wish, repeat themselves, and remember what they were told.
extension StoreWorld {
    func act(as client: Int, on daybook: Daybook) async {
        let choice = chance.pick([
            (Act.wish, weight: 12), (.repeated, weight: plan.repeatWeight),
            (.otherBody, weight: plan.repeatWeight > 0 ? 1 : 0), (.reconcile, weight: 2),
            (.timers, weight: 1), (.clock, weight: plan.clockWeight),
            (.outage, weight: plan.hasOutages && !isHealed ? 2 : 0),
        ])
        switch choice {
        case .wish: await send(wish(of: client, daybook), on: daybook)
        case .repeated: await repeatOne(on: daybook)
        case .otherBody: await misuseKey(on: daybook)
        case .reconcile:
            await tend(daybook) {
                _ = try await $0.reconcilePayments()
                // Beside clients who have calls of their own under way.
                _ = try await $0.runReactors()
            }
        case .timers:
            await noteOverdueUnknown(daybook)
            await tend(daybook) { _ = try await $0.runTimers() }
        case .clock: moveClock()
        case .outage:
            if chance.happens(1, in: 2) {
                bank.isDown = !bank.isDown && chance.happens(1, in: 2)
            } else {
                post.isClosed = !post.isClosed && chance.happens(1, in: 2)
            }
        }
    }

    /// Goods and people, before the shop opens; what a crash prevented, the next process makes up for.
    func setUp(_ daybook: Daybook) async {
        for _ in 0..<20 where !isDead && !isBroken {
            guard let wish = await setUpWish(daybook) else { return }
            await send(wish, on: daybook)
        }
    }

    private enum Act { case wish, repeated, otherBody, reconcile, timers, clock, outage }

    private func noteOverdueUnknown(_ daybook: Daybook) async {
        for intent in await daybook.workToDo() where intent.isUnknown {
            guard case .charge(let charge) = intent.kind,
                let order = clients.orders.first(where: { $0.id == charge.orderID }),
                order.placedAt.advanced(bySeconds: 3_600) < now
            else { continue }
            note(.deadlineWhileUnknown)
        }
    }

    private func moveClock() {
        if chance.happens(1, in: 4) {
            now = now.advanced(bySeconds: -Int64(chance.below(7_200)))
            note(.clockWentBack)
        } else {
            now = now.advanced(bySeconds: Int64(chance.pick([1, 400, 3_700, 90_000])))
            note(.clockJumped)
        }
    }

    /// What the shop does from time to time.
    private func tend(
        _ daybook: Daybook, _ body: (Daybook) async throws -> Void
    ) async {
        do {
            try await body(daybook)
        } catch let error as DaybookError {
            noteFailure(error)
        } catch {
            fail(.simulation, "\(error)")
        }
    }

    /// Errors that say that this process serves no more.
    private func noteFailure(_ error: DaybookError) {
        guard !isDead else { return }
        switch error.kind {
        case .noSpace:
            note(.diskFull)
            disk.capacity = .max
        case .rejected, .paymentFailed, .paymentPending, .captureFailed, .requestInProgress,
            .idempotencyKeyReused, .busy, .invalidRequest, .readModel:
            break
        default:
            note(.poisonedLog)
            isBroken = true
            if plan.diskFaultRarity == 0 && !plan.isSmallDisk || isHealed {
                fail(.opens, "without any fault of the disk: \(error.code): \(error)")
            }
        }
    }

    // MARK: Sending

    private func send(_ wish: Wish?, on daybook: Daybook) async {
        guard let wish else { return }
        let number = clients.sent.count
        let key = chance.happens(7, in: 8) ? IdempotencyKey(rawValue: "key-\(number)") : nil
        let entry = clients.add(
            Request(wish.commands, as: wish.actor, key: key), life: life)
        await attempt(entry, on: daybook)
    }

    private func repeatOne(on daybook: Daybook) async {
        let keyed = clients.sent.filter { $0.request.key != nil }
        guard !keyed.isEmpty else { return }
        // Those without an answer first: that is what keys are for.
        let unknown = keyed.filter { $0.state == .unknown }
        let entry =
            !unknown.isEmpty && chance.happens(1, in: 2)
            ? chance.pick(unknown) : keyed[keyed.count - 1 - chance.below(keyed.count)]
        if entry.attemptsUnderway > 0 { note(.repeatInProgress) }
        entry.attemptsUnderway += 1
        await attempt(entry, on: daybook)
    }

    private func attempt(_ entry: ClientBook.Sent, on daybook: Daybook) async {
        report.requests += 1
        let request = entry.request
        let wasAnswered = entry.result != nil
        do throws(DaybookError) {
            let result =
                request.commands.count == 1
                ? try await daybook.execute(
                    request.commands[0], as: request.actor, key: request.key)
                : try await daybook.transaction(
                    request.commands, as: request.actor, key: request.key)
            guard !isDead else { return }
            entry.attemptsUnderway -= 1
            acknowledged(entry, result, by: daybook)
        } catch {
            guard !isDead else { return }
            entry.attemptsUnderway -= 1
            refused(entry, error, wasAnswered: wasAnswered)
        }
    }

    /// The key of an earlier request with another body: no effect, and a refusal that says so.
    private func misuseKey(on daybook: Daybook) async {
        let known = clients.sent.filter { entry in
            guard entry.request.key != nil, entry.result != nil, entry.request.commands.count == 1
            else { return false }
            if case .receiveStock = entry.request.commands[0] { return true }
            return false
        }
        guard !known.isEmpty else { return }
        let entry = chance.pick(known)
        guard case .receiveStock(var command) = entry.request.commands[0] else { return }
        command.quantity += 1
        do throws(DaybookError) {
            _ = try await daybook.execute(
                .receiveStock(command), as: entry.request.actor, key: entry.request.key)
            fail(.decidedOnce, "\(entry.request.key?.rawValue ?? "") did two different things")
        } catch {
            guard !isDead else { return }
            if error.kind == .idempotencyKeyReused {
                note(.otherBodySameKey)
            } else {
                noteFailure(error)
            }
        }
    }
}

// MARK: - Answers

extension StoreWorld {
    private func acknowledged(
        _ entry: ClientBook.Sent, _ result: CommandResult, by daybook: Daybook
    ) {
        report.acknowledged += 1
        guard let positions = result.positions else {
            if entry.result != nil {
                fail(.decidedOnce, "request \(entry.number) was recorded and now was not")
            }
            if entry.state == .underway { entry.state = .acknowledged }
            return
        }
        fold(positions.lowerBound.rawValue << 20 ^ positions.upperBound.rawValue)
        oracle.acknowledge(positions.upperBound)
        if report.acknowledged % 6 == 0 { checkDurable(through: positions.upperBound) }
        if let first = entry.result {
            judgeRepeat(of: entry, first, result)
        } else {
            noteFirstAnswer(entry, result)
            entry.result = result
            entry.life = life
            learn(entry, result)
        }
        entry.state = .acknowledged
    }

    private func noteFirstAnswer(_ entry: ClientBook.Sent, _ result: CommandResult) {
        guard entry.wasLost else { return }
        note(result.isRepeat ? .unknownRequestWasRecorded : .unknownRequestWasLost)
    }

    private func judgeRepeat(
        of entry: ClientBook.Sent, _ first: CommandResult, _ again: CommandResult
    ) {
        note(entry.life == life ? .repeatOfLife : .repeatAfterCrash)
        guard entry.request.key != nil, again.isRepeat || first.isRepeat else {
            fail(
                .decidedOnce,
                "request \(entry.number) (\(entry.request.key?.rawValue ?? "")) was decided at "
                    + "\(first.positions.debugDescription) and again at "
                    + again.positions.debugDescription)
            return
        }
        guard first.positions == again.positions, first.values == again.values else {
            fail(.decidedOnce, "request \(entry.number) answered \(first), repeated: \(again)")
            return
        }
    }

    /// - Parameter wasAnswered: whether the request had its answer before this attempt was sent. Of two
    ///   attempts at the same time the refused one may be decided first and heard of last.
    private func refused(
        _ entry: ClientBook.Sent, _ error: DaybookError, wasAnswered: Bool
    ) {
        noteFailure(error)
        switch error.kind {
        case .rejected, .paymentFailed, .paymentPending, .captureFailed:
            guard !wasAnswered else {
                fail(.decidedOnce, "request \(entry.number) was answered before; now: \(error)")
                return
            }
        default: break
        }
        switch error.kind {
        case .rejected(let rejection):
            if case .insufficientStock = rejection { note(.soldOut) }
            if case .duplicateSKU(let sku) = rejection, !clients.products.contains(sku.rawValue) {
                clients.products.append(sku.rawValue)
            }
            if entry.request.commands.count > 1 { note(.transactionRejected) }
            if entry.state == .underway { entry.state = .rejected }
        case .paymentFailed(let order, _), .paymentPending(let order):
            // Recorded, whatever the bank made of it.
            entry.state = .acknowledged
            learn(entry, order)
        case .captureFailed: entry.state = .acknowledged
        case .requestInProgress: break
        case .idempotencyKeyReused:
            fail(.decidedOnce, "request \(entry.number) is taken for another: \(error)")
        default:
            if entry.state == .underway || entry.state == .rejected { entry.state = .unknown }
        }
    }

    private func learn(_ entry: ClientBook.Sent, _ result: CommandResult) {
        for (command, value) in zip(entry.request.commands, result.values) {
            switch (command, value) {
            case (.addProduct(let product), _):
                if !clients.products.contains(product.sku) { clients.products.append(product.sku) }
            case (.registerUser(let registration), .user(let id)):
                clients.users.append(ClientBook.User(id: id, email: registration.email))
            case (.verifyEmail, .user(let id)):
                if let index = clients.users.firstIndex(where: { $0.id == id }) {
                    clients.users[index].isVerified = true
                }
            case (.cancelOrder(let command), _):
                if bank.isAnythingUnderway(for: command.order) { note(.cancelledInFlight) }
            case (.createOrder(let order), .order(let outcome)):
                learn(order, outcome.orderID, payment: outcome.payment)
            default: break
            }
        }
    }

    private func learn(_ entry: ClientBook.Sent, _ order: OrderID) {
        guard case .createOrder(let command) = entry.request.commands.first else { return }
        learn(command, order, payment: nil)
    }

    private func learn(_ command: CreateOrder, _ id: OrderID, payment: PaymentID?) {
        if let index = clients.orders.firstIndex(where: { $0.id == id }) {
            clients.orders[index].payment = clients.orders[index].payment ?? payment
            return
        }
        clients.orders.append(
            ClientBook.Order(
                id: id, user: command.user, payment: payment, items: command.items,
                capture: command.capture, placedAt: now))
    }
}

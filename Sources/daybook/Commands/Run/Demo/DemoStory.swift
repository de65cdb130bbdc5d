import DaybookCore
import DaybookDecisions
import DaybookEngine
import DaybookGateways
import DaybookLog
import DaybookProjections

/// What happens in `demo`, step by step, through the same doors as everything else.
struct DemoStory {
    let directory: String
    let global: GlobalOptions
    let output: Output
    private(set) var stepCount = 0
    /// The number of the order that was paid for while the program was killed.
    private(set) var crashedOrder: String?

    private static let sku = "DEMO-LAMP"

    init(directory: String, global: GlobalOptions, output: Output) {
        self.directory = directory
        self.global = global
        self.output = output
    }

    private var layout: StoreDirectory { StoreDirectory(path: directory) }

    mutating func tell() async throws {
        try createStore()
        try await importSample()
        let user = try await register()
        try await stockUp()
        try await buy(user)
        try await beDeclined(user)
        try await wait(user)
        let order = try await crash(user)
        try audit(order)
        try prove()
    }

    // MARK: Steps

    private mutating func createStore() throws {
        try Daybook.create(global.configuration(directory: directory))
        step("A new store", "an empty log, a vault with its key", ["store": .text(directory)])
    }

    private mutating func importSample() async throws {
        let sample = directory + "/sample-orders.csv"
        let file = try ExportFile(path: sample)
        guard file.write(bytes: SampleOrders.bytes) else {
            throw Failure.file(sample, "write", errorNumber: file.errorNumber ?? 0)
        }
        try file.finish()
        let outcome = try await DemoStory.importing(sample, into: directory, global)
        var facts: Record = [:]
        for name in ["rows", "orders", "order_lines", "return_lines", "adjustments", "rejects"] {
            if let value = outcome.summary[name] { facts.append(name, value) }
        }
        facts.append("attribution", .text(SampleOrders.attribution))
        step("Real history comes in", "invoices of a British gift wholesaler", facts)
    }

    private mutating func register() async throws -> UserID {
        let email = "ada@example.com"
        let user = try await open { daybook in
            let result = try await daybook.execute(
                .registerUser(
                    RegisterUser(email: email, password: "an afternoon in Ockham Park")),
                as: .operator("demo"))
            guard case .user(let user) = result.value else {
                throw Failure(.failed, code: "internal", "no user was registered")
            }
            return user
        }
        step(
            "A customer registers",
            "her address is sealed; the link that proves it goes out by mail",
            ["user_id": .of(user), "outbox": .text(layout.outbox)])
        let result = try await open { daybook in
            guard let token = try await daybook.verificationToken(for: user) else {
                throw Failure(.failed, code: "internal", "no link was issued")
            }
            return try await daybook.execute(
                .verifyEmail(VerifyEmail(token: token)), as: .operator("demo"))
        }
        step("She follows the link", "the account is active", ResultRecord.positions(result))
        return user
    }

    private mutating func stockUp() async throws {
        guard let currency = Currency("GBP") else { return }
        let result = try await open { daybook in
            try await daybook.transaction(
                [
                    .addProduct(
                        AddProduct(
                            sku: DemoStory.sku, productName: "Reading lamp",
                            price: Money(minor: 999, currency: currency))),
                    .receiveStock(ReceiveStock(sku: DemoStory.sku, quantity: 5)),
                ], as: .operator("demo"))
        }
        step(
            "Two commands, one batch", "a product and five of it: both or neither",
            ResultRecord.positions(result))
    }

    private mutating func buy(_ user: UserID) async throws {
        let result = try await open { daybook in
            try await daybook.execute(DemoStory.order(2, for: user), as: .user(user))
        }
        step(
            "She buys two", "stock reserved, paid, confirmed by mail",
            ResultRecord.value(result.value))
    }

    private mutating func beDeclined(_ user: UserID) async throws {
        let failure = try await refusal(bank: .decline(code: "insufficient_funds"), user)
        step("The bank says no", "the order stands, unpaid; its stock is free again", failure)
    }

    private mutating func wait(_ user: UserID) async throws {
        let failure = try await refusal(bank: .unknownThenCaptured, user)
        step("The bank does not answer", "nobody guesses: the order is pending", failure)
        let report = try await open { try await $0.reconcilePayments() }
        step(
            "Asked again, it was paid", "one charge at the bank, one in the log",
            ["calls": .of(report.performed), "messages": .of(report.messages)])
    }

    private mutating func crash(_ user: UserID) async throws -> OrderID {
        let signal = try DemoCrash.spawn(directory, user)
        step(
            "kill -9 in the middle", "the bank has the money, the log does not know yet",
            ["signal": .of(signal)])
        let (order, bank) = try await open { daybook in
            let page = try await daybook.readModels.orders(limit: 1, atLeast: daybook.head)
            guard let order = page.value.items.first else {
                throw Failure(.failed, code: "internal", "the order of the crash is gone")
            }
            return (order, daybook.recovery)
        }
        crashedOrder = String(order.orderNumber)
        step(
            "Started again",
            "the same payment key is sent once more and answered with what was done",
            [
                "order_id": .of(order.orderID), "status": .text(order.status),
                "captured": order.captured.money.map(Field.money) ?? .none,
                "clean_start": .flag(bank.wasClean),
            ])
        return order.orderID
    }

    private mutating func audit(_ order: OrderID) throws {
        let story = try DaybookReader.open(directory: directory).story(of: order)
        step(
            "What happened to that order", "from the log itself",
            ["events": .of(story.entries.count)])
        for entry in story.entries {
            output.record(
                "event",
                [
                    "position": .of(entry.position), "event": .text(entry.type.rawValue),
                    "who": .of(entry.actor), "command": .text(entry.command),
                    "because_of": .of(entry.causation),
                ])
        }
        output.flush()
    }

    private mutating func prove() throws {
        let storage = try FileStorage(path: layout.log, readOnly: true)
        let report = try LogVerifier.verify(storage: storage, hash: .sha256)
        guard report.isSound else {
            throw Failure(
                .damaged, code: "log_corrupt", report.findings.map(\.description).joined())
        }
        step(
            "Every byte checked", "checksums, hash chain, positions",
            ["events": .of(report.eventCount), "chain": .of(report.head?.chain)])
        let rebuilt = try ProjectionRebuild.rebuild(
            ReadModelName.allCases, of: global.configuration(directory: directory)
        ) { _, _ in true }
        for model in rebuilt where model.isEqual == false {
            output.finding(
                code: "read_model_differed", "\(model.name.rawValue) differs from its rebuild")
        }
        step(
            "Read models built anew", "row for row what they were",
            Record(
                rebuilt.map { ($0.name.rawValue, .text($0.isEqual == true ? "equal" : "differs")) })
        )
    }
}

// MARK: - Helpers of the steps

extension DemoStory {
    static func order(_ quantity: Int, for user: UserID) -> Command {
        .createOrder(
            CreateOrder(
                user: user, items: [OrderItem(sku: sku, quantity: quantity)],
                shippingAddress: "12 St James's Square, London"))
    }

    private mutating func step(_ title: String, _ explanation: String, _ facts: Record) {
        stepCount += 1
        guard output.settings.format == .text else {
            var record: Record = [
                "step": .of(stepCount), "title": .text(title), "explanation": .text(explanation),
            ]
            record.append(facts)
            return output.record("step", record)
        }
        output.text("\(stepCount). \(title): \(explanation)")
        for line in Table.lines(of: facts, money: output.settings.money, indentation: 3) {
            output.text(line)
        }
        output.flush()
    }

    /// Opens the store, does one thing, closes it: every step stands for a program of its own.
    private func open<Value>(
        bank: BankScript? = nil, _ body: (Daybook) async throws -> Value
    ) async throws -> Value {
        try Interruption.process.check()
        var options = EngineOptions()
        options.store = StoreOptions()
        options.store.store = directory
        options.bank = bank
        return try await StoreSession(options: options, global: global, output: output).run(body)
    }

    /// An order that is expected not to be paid at once.
    private func refusal(bank: BankScript, _ user: UserID) async throws -> Record {
        do {
            _ = try await open(bank: bank) { daybook in
                try await daybook.execute(DemoStory.order(1, for: user), as: .user(user))
            }
        } catch let error as DaybookError {
            let failure = Failure(error)
            switch error.kind {
            case .paymentFailed, .paymentPending:
                var record: Record = ["code": .text(failure.code)]
                record.append(failure.details)
                return record
            default: throw error
            }
        }
        throw Failure(.failed, code: "internal", "the scripted bank did not follow '\(bank)'")
    }

    /// The import with its own words kept back: the story tells what matters.
    private static func importing(
        _ file: String, into directory: String, _ global: GlobalOptions
    ) async throws -> Outcome {
        var settings = global.settings(terminal: .current())
        settings.progress = .none
        settings.format = .text
        let silent = Output(settings: settings, data: -1, messages: -1)
        var store = StoreOptions()
        store.store = directory
        let run = ImportRun(
            store: store, global: global, output: silent, file: file,
            rejectFile: directory + "/rejected-rows.csv")
        return try await run.run(isDryRun: false)
    }
}

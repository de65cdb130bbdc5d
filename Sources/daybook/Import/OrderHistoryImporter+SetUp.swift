import DaybookCore
import DaybookDecisions

/// Wave 0: the catalogue, the opening stock and the accounts.
extension OrderHistoryImporter {
    /// - Returns: `false` when it was stopped.
    mutating func setUp() async throws -> Bool {
        let time = history.firstTime ?? Instant(microseconds: 0)
        guard try await addProducts(at: time) else { return false }
        guard try await receiveOpeningStock(at: time) else { return false }
        return try await registerUsers(at: time)
    }

    private mutating func addProducts(at time: Instant) async throws -> Bool {
        for chunk in chunks(of: history.products.count) {
            guard !isStopRequested() else { return false }
            let asked = chunk.map { requests.product($0, time: time) }
            let outcomes = try await record(asked)
            for (index, outcome) in zip(chunk, outcomes) {
                switch outcome {
                case .recorded: scope.productKeys.insert(asked[index - chunk.lowerBound].key)
                case .refused(let code, let message):
                    try await examineProduct(index, code: code, message: message)
                }
            }
            progress(
                ImportProgress(
                    phase: .catalogue, done: chunk.upperBound, total: history.products.count))
        }
        return true
    }

    /// Decides whether a product that could not be added is there already and will do.
    private mutating func examineProduct(_ index: Int, code: String, message: String) async throws {
        let product = history.products[index]
        guard let isStocked = try await target.isStocked(sku: product.code) else {
            return find("product_missing", "product \(product.code) was not added: \(message)")
        }
        foundProducts += 1
        if isStocked != product.isStocked {
            find(
                "product_differs",
                "product \(product.code) is there and is \(isStocked ? "" : "not ")stocked; "
                    + "by its code it should\(product.isStocked ? "" : " not") be")
        }
    }

    private mutating func registerUsers(at time: Instant) async throws -> Bool {
        users = Array(repeating: nil, count: history.customers.count)
        for chunk in chunks(of: history.customers.count) {
            guard !isStopRequested() else { return false }
            let asked = chunk.map { requests.registration($0, time: time) }
            let outcomes = try await record(asked)
            for (index, outcome) in zip(chunk, outcomes) {
                switch outcome {
                case .recorded(let result):
                    users[index] = result.user
                    scope.userKeys.insert(asked[index - chunk.lowerBound].key)
                case .refused(_, let message):
                    users[index] = try await target.user(withEmail: requests.email(index))
                    if users[index] == nil {
                        find(
                            "user_missing",
                            "\(requests.email(index)) was not registered: \(message)")
                    } else {
                        foundUsers += 1
                    }
                }
            }
            try await verifyUsers(chunk, at: time)
            progress(
                ImportProgress(
                    phase: .accounts, done: chunk.upperBound, total: history.customers.count))
        }
        return true
    }

    /// Redeems the links of accounts that this import made.
    private mutating func verifyUsers(_ chunk: Range<Int>, at time: Instant) async throws {
        var asked: [ImportRequest] = []
        for index in chunk {
            guard let user = users[index] else { continue }
            guard let token = try await target.verificationToken(for: user) else { continue }
            asked.append(requests.verification(index, token: token, time: time))
        }
        for (request, outcome) in zip(asked, try await record(asked)) {
            guard case .refused(_, let message) = outcome else { continue }
            find("user_unverified", "\(request.key) was refused: \(message)")
        }
    }

    func chunks(of count: Int) -> [Range<Int>] {
        stride(from: 0, to: count, by: Self.chunkSize).map { start in
            start..<min(start + Self.chunkSize, count)
        }
    }
}

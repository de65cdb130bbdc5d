/// Requests that are decided in order and answered together, and what came of those that are decided.
struct WriterCall: Sendable {
    let lane: WriterThread.Lane
    private let requests: [PreparedRequest]
    private let answer: WriterThread.Answer
    private var results: [Result<Handled, DaybookError>] = []
    /// Whether a group was handed over that may hold the beginning of this call.
    private var isPartlyHandedOver = false

    init(
        _ requests: [PreparedRequest], in lane: WriterThread.Lane,
        answer: @escaping WriterThread.Answer
    ) {
        self.requests = requests
        self.lane = lane
        self.answer = answer
    }

    var requestCount: Int { requests.count }
    var isDecided: Bool { results.count == requests.count }

    /// Decides the next requests, at most so many.
    mutating func decide(atMost count: Int, by core: EngineCore) {
        if results.isEmpty { results.reserveCapacity(requests.count) }
        for request in requests[results.count...].prefix(count) {
            do throws(DaybookError) {
                results.append(.success(try core.handle(request)))
            } catch {
                results.append(.failure(error))
            }
        }
    }

    /// The open group was handed over, with what is decided so far.
    mutating func noteHandover() { isPartlyHandedOver = !results.isEmpty }

    /// Whether nothing of the call was staged, for want of space.
    var isRefusedForSpace: Bool {
        results.allSatisfy { result in
            guard case .failure(let error) = result else { return false }
            return error.kind == .noSpace
        }
    }

    /// Answers what was decided.
    ///
    /// - Parameter error: answered to every request instead.
    func complete(_ error: DaybookError? = nil) {
        answer(error.map { error in requests.map { _ in .failure(error) } } ?? results)
    }

    /// Answers that the log could not be written, before or after the call was decided.
    func fail(_ failure: WriterFailure) {
        complete(isPartlyHandedOver ? failure.ofHandedOver : failure.ofStaged)
    }
}

/// What is answered once the log could not be written.
struct WriterFailure: Sendable {
    /// To calls of which nothing was handed over: nothing of them is in the log.
    var ofStaged: DaybookError
    /// To those that were handed over in part: nobody knows.
    var ofHandedOver: DaybookError
}

import DaybookCore
import DaybookDecisions
import DaybookEngine

/// What all clients of a simulated store know: what they sent, what they were told, and the names that
/// they learnt. It outlives every process.
final class ClientBook {
    /// A request, and what came back.
    final class Sent {
        enum State: Hashable { case underway, acknowledged, rejected, unknown }

        let request: Request
        /// Its place in the order of sending.
        let number: Int
        var state = State.underway
        /// Attempts that have no answer yet.
        var attemptsUnderway = 1
        /// The first result, if it names events.
        var result: CommandResult?
        /// In which life it was answered first.
        var life: Int
        /// It was without an answer when a process ended.
        var wasLost = false

        init(_ request: Request, number: Int, life: Int) {
            self.request = request
            self.number = number
            self.life = life
        }
    }

    struct User { var id: UserID; var email: String; var isVerified = false }

    struct Order {
        var id: OrderID
        var user: UserID
        var payment: PaymentID?
        var items: [OrderItem]
        var capture: CaptureMode
        var placedAt: Instant
    }

    private(set) var sent: [Sent] = []
    var products: [String] = []
    var users: [User] = []
    var orders: [Order] = []
    /// Values of persons that must never be readable.
    var canaries: [String] = []

    func add(_ request: Request, life: Int) -> Sent {
        let entry = Sent(request, number: sent.count, life: life)
        sent.append(entry)
        return entry
    }

    var isAnythingUnderway: Bool { sent.contains { $0.attemptsUnderway > 0 } }

    /// Whoever waited for an answer knows nothing now.
    func forgetProcess(inLife life: Int) {
        for entry in sent where entry.attemptsUnderway > 0 {
            entry.attemptsUnderway = 0
            entry.wasLost = true
            if entry.state == .underway || entry.state == .rejected { entry.state = .unknown }
        }
    }
}

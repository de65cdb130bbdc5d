import DaybookCore
import DaybookDecisions
import DaybookEngine
import Testing

@testable import daybook

@Suite struct `Failures` {
    private let order = OrderID(rawValue: 1)
    private let payment = PaymentID(rawValue: 2)
    private let user = UserID(rawValue: 3)

    private func status(_ kind: DaybookError.Kind) -> daybook.ExitStatus {
        Failure(DaybookError(kind, "what failed") as any Error).status
    }

    @Test func `given each kind of error, when mapped, then its exit code`() {
        #expect(status(.paymentFailed(order: order, code: "card_declined")) == .failed)
        #expect(status(.paymentPending(order: order)) == .temporary)
        #expect(status(.captureFailed(payment: payment, code: "expired")) == .failed)
        #expect(status(.idempotencyKeyReused) == .conflict)
        #expect(status(.requestInProgress) == .temporary)
        #expect(status(.outcomeUnknown) == .temporary)
        #expect(status(.storeNotFound) == .noStore)
        #expect(status(.storeExists) == .failed)
        #expect(status(.storeLocked) == .storeLocked)
        #expect(status(.needsNewerProgram) == .storeUnreadable)
        #expect(status(.keyMissing) == .storeUnreadable)
        #expect(status(.damaged) == .damaged)
        #expect(status(.io) == .inputOutput)
        #expect(status(.readOnly) == .inputOutput)
        #expect(status(.noSpace) == .temporary)
        #expect(status(.notFound) == .notFound)
    }

    @Test func `given each family of rejections, when mapped, then its exit code`() {
        #expect(status(.rejected(.emptyOrder)) == .failed)
        #expect(status(.rejected(.orderNotFound("17"))) == .notFound)
        #expect(status(.rejected(.userNotFound(user))) == .notFound)
        #expect(status(.rejected(.accountDisabled(user))) == .notAllowed)
        #expect(status(.rejected(.forbidden("price override"))) == .notAllowed)
        #expect(status(.rejected(.conflict(LogPosition(rawValue: 7)))) == .conflict)
        #expect(status(.rejected(.idempotencyKeyReused("k"))) == .conflict)
        #expect(status(.rejected(.paymentInFlight(order))) == .temporary)
    }

    @Test func `given a shortage, when shown, then details and the way out`() throws {
        let shortage = Rejection.insufficientStock([
            LineShortage(
                lineNumber: 1, sku: "A", available: 5, requested: 7, reason: .insufficient)
        ])
        let failure = Failure(DaybookError(.rejected(shortage), shortage.message))
        #expect(failure.code == "insufficient_stock")
        #expect(failure.details["available"] == 5)
        #expect(failure.details["requested"] == 7)
        #expect(
            failure.wayOut == ["daybook stock show A", "daybook stock receive A QUANTITY"])
    }

    @Test func `given the list of codes, when read, then every code says what it means`() {
        #expect(
            daybook.ExitStatus.allCases.map(\.rawValue)
                == [0, 1, 3, 4, 5, 6, 10, 11, 12, 64, 65, 74, 75, 130, 143])
        let text = HelpTopic.exitCodes.text
        for status in daybook.ExitStatus.allCases {
            #expect(text.contains("\(status.rawValue)  \(status.meaning)"))
        }
    }
}

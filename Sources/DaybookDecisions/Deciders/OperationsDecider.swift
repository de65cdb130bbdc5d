import DaybookCore

/// What operators decide about the system itself.
enum OperationsDecider {
    static func skip(_ command: SkipProjectionEvent) throws(Rejection) -> [Event] {
        guard command.reason.isVisibleText(ofAtMost: 200) else {
            throw .validationFailed([
                FieldProblem(field: "reason", problem: "must be 1 to 200 visible characters")
            ])
        }
        return [
            .projectionEventSkipped(
                ProjectionEventSkipped(
                    model: command.model, skippedPosition: command.position.rawValue,
                    reason: command.reason))
        ]
    }
}

import DaybookDecisions

extension GoldenEvent {
    static let operations: [GoldenEvent] =
        goldens(
            minimal: .projectionEventSkipped(
                ProjectionEventSkipped(model: "", skippedPosition: 0, reason: "")),
            full: .projectionEventSkipped(
                ProjectionEventSkipped(
                    model: "orders", skippedPosition: 17, reason: "typed twice by hand")),
            extremes: .projectionEventSkipped(
                ProjectionEventSkipped(
                    model: longText, skippedPosition: .max, reason: oddText)))
}

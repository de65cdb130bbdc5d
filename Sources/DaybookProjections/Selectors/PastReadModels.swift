package import DaybookCore

/// Who knows read models as they were.
package protocol PastReadModels: Sendable {
    /// The model as it was at a moment.
    ///
    /// - Throws: ``SelectorError`` `beyond_head` for a position that the log does not have yet,
    ///   `read_model_unavailable`.
    func snapshot(
        of model: ReadModelName, asOf moment: Moment
    ) throws(SelectorError) -> ReadModelSnapshot
}

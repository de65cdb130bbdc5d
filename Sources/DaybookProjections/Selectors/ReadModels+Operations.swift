package import DaybookCore
internal import GRDB

/// What people who run the shop ask; read-only, so that it works beside a running engine.
extension ReadModels {
    /// How far a read model is, from which log, and why it stands still, if it does.
    ///
    /// - Throws: `read_model_unavailable`.
    package func state(
        of model: ReadModelName
    ) throws(SelectorError) -> (checkpoint: Checkpoint, stop: ProjectionStop?) {
        try sources.read(model) { snapshot in
            let header = try ReadModelHeader.read(
                from: snapshot.database, model, path: model.fileName)
            return (header.checkpoint, header.stop)
        }
    }

    /// The digests of a model's tables, with the position that they are true at. Reads all rows.
    ///
    /// - Throws: `read_model_unavailable`.
    package func digests(
        of model: ReadModelName
    ) throws(SelectorError) -> Answer<[TableDigest]> {
        try sources.read(model) { snapshot in
            Answer(
                value: try model.schema.tables.map { try snapshot.database.digest(of: $0) },
                position: try snapshot.position())
        }
    }

    /// Writes all rows of a model, table by table, each in the order of its key, one line per row.
    ///
    /// - Returns: the position that the rows are true at.
    /// - Throws: `read_model_unavailable`, also with the error of `write`.
    package func export(
        _ model: ReadModelName, as format: ExportFormat = .ndjson,
        to write: (String) throws -> Void
    ) throws(SelectorError) -> LogPosition {
        try sources.read(model) { snapshot in
            for table in model.schema.exported(as: format) {
                try snapshot.database.exportRows(of: table, as: format, to: write)
            }
            return try snapshot.position()
        }
    }
}

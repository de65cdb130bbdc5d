import DaybookCore
import DaybookDecisions
import DaybookLog
import DaybookProjections

/// Read models whose files cannot be used: of another program, damaged, or of another log.
///
/// The new files are built beside the old ones, at full speed and with one reading of the log, and get
/// their names when they are complete: nobody ever sees half of a read model, and a process that has an
/// old file open goes on reading it. The old files are kept aside.
struct ReadModelReplacement {
    private struct Unusable {
        var name: ReadModelName
        var path: String
        var reason: String
        /// What the old file is kept as: `<path>.<word>-N`.
        var word: String
    }

    private let reader: LogReader
    private let store: StoreDirectory
    private let isParallel: Bool
    private var unusable: [Unusable] = []
    /// What was found and done; for people.
    private(set) var notices: [String] = []

    init(reader: LogReader, store: StoreDirectory, isParallel: Bool) {
        self.reader = reader
        self.store = store
        self.isParallel = isParallel
    }

    mutating func add(
        _ name: ReadModelName, at path: String, because reason: String, as word: String
    ) {
        unusable.append(Unusable(name: name, path: path, reason: reason, word: word))
    }

    /// Tells people of a model that is left as it is.
    mutating func note(_ text: String) { notices.append(text) }

    /// Whether the model is to be replaced.
    func replaces(_ name: ReadModelName) -> Bool { unusable.contains { $0.name == name } }

    /// - Returns: the new files, open; when they could not be built beside, empty ones that catch up.
    mutating func run() throws -> [ReadModelFile] {
        guard !unusable.isEmpty else { return [] }
        var rebuilds: [Confined<ReadModelRebuild>] = []
        // Held until the new files have their names, so that nobody else gives out numbers meanwhile.
        var lock: RebuildLock?
        defer { lock?.release() }
        do {
            lock = try RebuildLock(in: store)
            for model in unusable { try ReadModelPlace(model.path).removeLeftovers() }
            rebuilds = try unusable.map {
                Confined(try ReadModelRebuild(of: $0.name, at: $0.path, logID: reader.logID))
            }
            try build(rebuilds)
        } catch {
            // A read model must not keep the store from being opened, for want of space or whatever
            // else: it catches up like one that was lost, and says what is in its way.
            for rebuild in rebuilds { try? rebuild.value.cancel() }
            notices.append("building read models beside the old ones failed: \(error)")
            return try unusable.map { model in
                try setAside(model)
                return try ReadModelFile.create(
                    model.name, in: ReadModelPlace(model.path), logID: reader.logID)
            }
        }
        return try zip(unusable, rebuilds).map { model, rebuild in
            try setAside(model)
            try rebuild.value.publish()
            return try ReadModelFile.open(model.name, at: model.path)
        }
    }

    private func build(_ rebuilds: [Confined<ReadModelRebuild>]) throws {
        try ReadModelSet.feed(reader, inParallel: isParallel, to: rebuilds.map(\.value.feeding))
        try rebuilds.forEachConfined(inParallel: isParallel) { _ = try $0.finish() }
    }

    private mutating func setAside(_ model: Unusable) throws {
        let aside = try ReadModelFile.quarantine(at: model.path, as: model.word)
        notices.append(
            "\(model.path) \(model.reason); it is kept as \(aside) and built anew from the log")
    }
}

package import DaybookCore
import DaybookDecisions
package import DaybookLog
package import DaybookProjections
import Foundation
import Synchronization

/// Read models as they were: the nearest copy that was kept, and the events behind it.
///
/// A model that was asked about stays open, without a name on the disk, until others were asked about.
package final class PastModels: PastReadModels {
    private struct Key: Hashable {
        var name: ReadModelName
        var position: LogPosition
    }

    private let reader: LogReader
    private let store: StoreDirectory
    /// The newest last; one is made at a time, for each costs a copy of the file.
    private let open = Mutex<[(key: Key, snapshot: ReadModelSnapshot)]>([])

    /// More would hold more copies on the disk than a dialogue needs.
    private static let capacity = 6

    init(reader: LogReader, store: StoreDirectory) {
        self.reader = reader
        self.store = store
    }

    package func snapshot(
        of model: ReadModelName, asOf moment: Moment
    ) throws(SelectorError) -> ReadModelSnapshot {
        do {
            let position = try PastModels.resolve(moment, reader)
            if let live = try? ReadModelSnapshot(of: model, at: store.path(of: model)),
                live.checkpoint.position == position, live.stop == nil,
                case .ready = reader.identity.condition(of: live.checkpoint)
            {
                // Not kept open: it would hold on to the live file's write-ahead log.
                return live
            }
            let key = Key(name: model, position: position)
            return try open.withLock { open in
                if let index = open.firstIndex(where: { $0.key == key }) {
                    let found = open.remove(at: index)
                    open.append(found)
                    return found.snapshot
                }
                let made = try PastModels.make(model, at: position, from: reader, in: store)
                if open.count == PastModels.capacity { open.removeFirst() }
                open.append((key, made))
                return made
            }
        } catch let error as SelectorError {
            throw error
        } catch {
            throw SelectorError.unavailable(model, error)
        }
    }

    /// Writes a model, as it was at a moment, to a file of somebody's own.
    ///
    /// - Returns: where in the log the model stands.
    /// - Throws: ``DaybookError`` `notFound` for a position beyond the head, `io` when there is such a
    ///   file already, `readModel`.
    package static func write(
        _ name: ReadModelName, asOf moment: Moment, from reader: LogReader,
        in directory: String, to path: String, startingWith base: Base
    ) throws(DaybookError) -> LogPosition {
        guard !FileManager.default.fileExists(atPath: path) else {
            throw DaybookError(.io, "there is a file \(path) already; it is not overwritten")
        }
        // Under another name until it is whole.
        let unfinished = path + ".unfinished"
        do {
            try? FileManager.default.removeItem(atPath: unfinished)
            let position = try resolve(moment, reader)
            try build(
                name, at: position, from: reader, in: StoreDirectory(path: directory),
                to: unfinished, startingWith: base)
            try FileManager.default.moveItem(atPath: unfinished, toPath: path)
            return position
        } catch let error as SelectorError {
            try? FileManager.default.removeItem(atPath: unfinished)
            throw DaybookError(.notFound, error.message)
        } catch {
            try? FileManager.default.removeItem(atPath: unfinished)
            throw DaybookError(readModel: error)
        }
    }

    private static func resolve(_ moment: Moment, _ reader: LogReader) throws -> LogPosition {
        // Any time has an answer, but a reader beside a writer has only seen so much of the log.
        if case .time = moment { try reader.refresh() }
        if let position = try reader.position(asOf: moment) { return position }
        // A reader beside a writer shows what it has looked at.
        try reader.refresh()
        if let position = try reader.position(asOf: moment) { return position }
        guard case .position(let wanted) = moment else { return reader.head.position }
        throw SelectorError.beyondHead(wanted, head: reader.head.position)
    }

    /// The model as it was behind a batch, in a file that has no name any more.
    ///
    /// - Complexity: O(size of the nearest earlier copy + events behind it).
    static func make(
        _ name: ReadModelName, at position: LogPosition, from reader: LogReader,
        in store: StoreDirectory
    ) throws -> ReadModelSnapshot {
        let scratch = try ScratchFolder()
        let path = try build(
            name, at: position, from: reader, in: store, to: scratch.path(of: name))
        return try ReadModelSnapshot(of: name, at: path, isStill: true)
    }

    /// What a model of the past is built from.
    package enum Base: Sendable {
        /// The nearest earlier copy that was kept.
        case nearest
        /// This file, which somebody built before.
        case file(String)
        /// The first event.
        case nothing
    }

    /// Writes the model as it was behind a batch to a file.
    @discardableResult
    static func build(
        _ name: ReadModelName, at position: LogPosition, from reader: LogReader,
        in store: StoreDirectory, to path: String, startingWith base: Base = .nearest
    ) throws -> String {
        let file: ReadModelFile
        switch base {
        case .nearest: file = try nearest(name, notBeyond: position, reader, store, path)
        case .nothing:
            file = try ReadModelFile.create(name, at: path, logID: reader.logID, mode: .rebuild)
        case .file(let base):
            do {
                file = try adopt(name, path, reader) {
                    try FileManager.default.copyItem(atPath: base, toPath: path)
                }
            } catch {
                throw DaybookError(.readModel, "\(base) is no model '\(name)' of this log")
            }
            guard file.checkpoint.position <= position else {
                try file.close()
                throw DaybookError(
                    .invalidRequest,
                    "\(base) is at position \(file.checkpoint.position), behind \(position), which was "
                        + "asked for; start with an earlier one")
            }
        }
        let projector = try name.makeProjector(file: file)
        do {
            try ReadModelSet.feed(
                reader, from: file.checkpoint.position.advanced(by: 1), through: position
            ) { run, checkpoint in
                try ReadModelSet.project(run, checkpoint, with: projector, reader)
                return file.stop == nil
            }
            if let stop = file.stop {
                throw DaybookError(
                    .readModel, "\(name) stands still at \(stop.position): \(stop.reason)")
            }
            try projector.flush()
            try file.completeIndexes()
        } catch {
            try? projector.close()
            throw error
        }
        try projector.close()
        return path
    }

    /// The nearest earlier copy that can be trusted, else an empty model.
    private static func nearest(
        _ name: ReadModelName, notBeyond position: LogPosition, _ reader: LogReader,
        _ store: StoreDirectory, _ path: String
    ) throws -> ReadModelFile {
        if let live = try? ReadModelSnapshot(of: name, at: store.path(of: name)),
            live.checkpoint.position <= position, live.stop == nil,
            let file = try? adopt(name, path, reader, { try live.copy(to: path) })
        {
            return file
        }
        let files = CheckpointFiles(
            name, besides: store.readModels)
        for kept in try files.kept().reversed()
        where kept.position <= position && kept.isUnchanged {
            let file = try? adopt(name, path, reader, isProven: true) {
                try FileManager.default.copyItem(atPath: kept.path, toPath: path)
            }
            if let file { return file }
        }
        try? FileManager.default.removeItem(atPath: path)
        return try ReadModelFile.create(name, at: path, logID: reader.logID, mode: .rebuild)
    }

    /// Opens a copy, once it is known to be sound and of this log.
    ///
    /// - Parameter isProven: its bytes are known to be what was once sound.
    private static func adopt(
        _ name: ReadModelName, _ path: String, _ reader: LogReader, isProven: Bool = false,
        _ copy: () throws -> Void
    ) throws -> ReadModelFile {
        try? FileManager.default.removeItem(atPath: path)
        try copy()
        let file = try ReadModelFile.open(copy: path, of: name)
        let log = reader.identity
        let condition = isProven ? log.condition(of: file.checkpoint) : file.judge(against: log)
        guard case .ready = condition else {
            try file.close()
            throw DaybookError(.readModel, "\(path) is not a model of this log")
        }
        return file
    }
}

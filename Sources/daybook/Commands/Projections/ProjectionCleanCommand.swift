import ArgumentParser
import DaybookEngine
import DaybookProjections

/// `daybook projection clean`
struct ProjectionCleanCommand: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "clean", abstract: "Remove files that rebuilds have left.",
        discussion: """
            daybook projection clean --all --dry-run
            daybook projection clean orders

            Removes the files that were live before a rebuild, and what killed rebuilds have left. Live files, the copies that questions \
            about the past are answered from, and damaged files that were set aside are left alone.
            """)

    @OptionGroup var models: ReadModelSelection

    @Flag(help: "Say what would be removed, and stop there.")
    var dryRun = false

    @OptionGroup var store: StoreOptions
    @OptionGroup var global: GlobalOptions

    mutating func perform(_ output: Output) async throws -> Outcome {
        try store.requireStore()
        var bytes: UInt64 = 0
        var count = 0
        let lock = dryRun ? nil : try RebuildLock(in: store.layout)
        defer { lock?.release() }
        for name in models.chosen {
            let place = ReadModelPlace(store.layout.path(of: name))
            for earlier in try place.earlier() {
                output.record(
                    "file",
                    [
                        "name": .text(name.rawValue), "path": .text(earlier.path),
                        "bytes": .of(earlier.byteCount),
                        (dryRun ? "would_remove" : "removed"): true,
                    ])
                if !dryRun { try place.remove(earlier: earlier.path) }
                bytes += earlier.byteCount
                count += 1
            }
            if !dryRun {
                try place.removeLeftovers()
                try CheckpointFiles(
                    name, besides: store.layout.readModels, staged: true
                ).removeAll()
            }
        }
        return Outcome(["files": .of(count), "bytes": .of(bytes), "dry_run": .flag(dryRun)])
    }
}

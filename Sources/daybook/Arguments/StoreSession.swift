import DaybookCore
import DaybookEngine
import DaybookLog

/// Opens a store for one command and closes it again.
struct StoreSession {
    let options: EngineOptions
    let global: GlobalOptions
    let output: Output

    /// The configuration that flags and files of the store give.
    func configuration() throws -> DaybookConfiguration {
        var configuration = global.configuration(directory: options.directory)
        if let bank = options.bank {
            var settings = try StoreSettings.load(
                from: StoreDirectory(path: options.directory)
            ).settings
            settings.bank = bank
            configuration.settings = settings
        }
        return configuration
    }

    /// Runs `body` on the open store; closes it whatever happens.
    ///
    /// - Throws: what `body` throws, else what closing throws.
    func run<Value>(_ body: (Daybook) async throws -> Value) async throws -> Value {
        output.detailNote("opening \(options.directory)")
        let daybook = try await Daybook.open(try configuration())
        // A command asks what the log says, and its questions wait for some seconds only.
        var notices = daybook.notices
        do { try await daybook.waitForProjections() } catch {
            let notice = "read models are behind: \(error)"
            if !notices.contains(notice) { notices.append(notice) }
        }
        for notice in notices { output.warning(notice) }
        if let torn = daybook.recovery.quarantined {
            output.warning(
                "a write that was never acknowledged (segment \(torn.segment), bytes "
                    + "\(torn.byteRange.lowerBound) to \(torn.byteRange.upperBound)) was set aside "
                    + "as \(torn.file)")
        }
        let value: Value
        do {
            value = try await body(daybook)
            // What was found meanwhile: a damaged read model, a snapshot that could not be written.
            for notice in daybook.notices where !notices.contains(notice) {
                output.warning(notice)
            }
        } catch {
            // The command's own error is the one to show; what closing says would hide it.
            do { try await daybook.close() } catch let closing {
                output.warning("closing the store: \(closing)")
            }
            throw error
        }
        try await daybook.close()
        return value
    }
}

extension GlobalOptions {
    /// The defaults of a store with the clock and the chance that `--now` and `--seed` fix.
    func configuration(directory: String) -> DaybookConfiguration {
        var configuration = DaybookConfiguration(directory: directory)
        if let now { configuration.clock = { now } }
        if let seed { configuration.seedChance(with: seed) }
        return configuration
    }
}

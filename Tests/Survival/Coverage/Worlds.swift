import DaybookCore
import DaybookLog
import DaybookSimulator
import Glibc

/// The simulated worlds of the log, for a coverage run: as much of them as a minute allows.
///
///     log-worlds run 1 40          seeds of random worlds, both inclusive
///     log-worlds small 1 40        seeds of small ones, on which mistakes show soon
///     log-worlds bits 97           one bit in so many of two logs, flipped, found and repaired
///     log-worlds hunt NAME 20      a planted mistake, for so many seconds at most
///
/// Exit code 1 when a promise was not kept, or a planted mistake broke none.
@main struct Worlds {
    static func main() async throws {
        let arguments = CommandLine.arguments.dropFirst()
        let numbers = arguments.compactMap { UInt64($0) }
        switch arguments.first {
        case "run":
            let outcome = LogCampaign(seeds: numbers[0]...numbers[1]).run()
            end(outcome.failure.map { "seed \($0.seed): \($0.violation)" })
        case "small":
            for seed in numbers[0]...numbers[1] {
                do { _ = try LogSeed(small: seed).run() } catch {
                    end("small seed \(seed): \(error)")
                }
            }
        case "bits":
            for codec in [EventLogOptions.Codec.lz4, .none] {
                let report = try await BitFlips(codec: codec).run(
                    threads: 1, stride: Int(numbers[0]))
                if report.failureCount > 0 { end(report.failures.first) }
            }
        case "hunt":
            hunt(arguments.dropFirst().first ?? "", seconds: Double(numbers[0]))
        default:
            end("what is to be run?")
        }
    }

    private static func hunt(_ name: String, seconds: Double) {
        guard let bug = PlantedBug(rawValue: name) else { return end("no mistake '\(name)'") }
        PlantedBug.plant(bug)
        let start = ContinuousClock.now
        var seed: UInt64 = 0
        while ContinuousClock.now - start < .seconds(seconds) {
            seed += 1
            do { _ = try LogSeed(small: seed).run() } catch {
                print("\(name): seed \(seed): \(error)")
                return
            }
        }
        end("\(name) broke no promise in \(seed) seeds")
    }

    private static func end(_ problem: String?) {
        guard let problem else { return }
        print(problem)
        exit(1)
    }
}

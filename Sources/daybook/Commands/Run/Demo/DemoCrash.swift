import ArgumentParser
import DaybookCore
import DaybookDecisions
import DaybookEngine
import DaybookGateways
import Glibc

/// The part of the demo that does not survive: places an order and is killed by SIGKILL between the
/// bank's yes and its record in the log.
struct DemoCrash: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo-crash", abstract: "The part of 'demo' that is killed.",
        shouldDisplay: false)

    @Option var store: String
    @Option var user: UserID
    @OptionGroup var global: GlobalOptions

    mutating func perform(_ output: Output) async throws -> Outcome {
        var configuration = global.configuration(directory: store)
        configuration.gateway = FatalBank(
            bank: try ScriptedBank(directory: StoreDirectory(path: store).bank))
        let daybook = try await Daybook.open(configuration)
        _ = try await daybook.execute(DemoStory.order(1, for: user), as: .user(user))
        try await daybook.close()
        return .done
    }

    /// Runs this command as a process of its own.
    ///
    /// - Returns: the signal that ended it: 9.
    /// - Throws: ``Failure`` when it could not be started or ended in another way.
    static func spawn(_ directory: String, _ user: UserID) throws(Failure) -> Int32 {
        let words = [
            "daybook", "demo-crash", "--store", directory, "--user", user.description, "--quiet",
        ]
        var pointers = words.map { strdup($0) }
        defer { for pointer in pointers { free(pointer) } }
        pointers.append(nil)
        var process = pid_t()
        let error = posix_spawn(&process, "/proc/self/exe", nil, nil, pointers, environ)
        guard error == 0 else { throw .file("/proc/self/exe", "start", errorNumber: error) }
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 {
            guard errno == EINTR else { throw .file("demo-crash", "await", errorNumber: errno) }
        }
        let signal = status & 0x7F
        guard signal == SIGKILL else {
            throw Failure(
                .failed, code: "internal", "demo-crash ended with status \(status), not by SIGKILL")
        }
        return signal
    }
}

/// Does what the bank does and then ends the process at once, as a power cut would.
private struct FatalBank: PaymentGateway {
    let bank: ScriptedBank

    func charge(_ request: ChargeRequest) async throws(GatewayError) -> GatewayAnswer {
        let answer = try bank.charge(request)
        kill(getpid(), SIGKILL)
        return answer
    }

    func capture(
        key: String, reference: String, amount: Money, at instant: Instant
    ) async throws(GatewayError) -> GatewayAnswer {
        try bank.capture(key: key, reference: reference, amount: amount, at: instant)
    }

    func void(
        key: String, reference: String, at instant: Instant
    ) async throws(GatewayError) -> GatewayAnswer {
        try bank.void(key: key, reference: reference, at: instant)
    }

    func refund(
        key: String, reference: String, amount: Money, at instant: Instant
    ) async throws(GatewayError) -> GatewayAnswer {
        try bank.refund(key: key, reference: reference, amount: amount, at: instant)
    }

    func lookup(key: String) async throws(GatewayError) -> GatewayLookup {
        try bank.lookup(key: key)
    }
}

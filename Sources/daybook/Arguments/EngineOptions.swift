public import ArgumentParser
import DaybookCore
import DaybookDecisions
import DaybookEngine
public import DaybookGateways

/// What every command takes that changes a store.
struct EngineOptions: ParsableArguments {
    @OptionGroup var store: StoreOptions

    @Option(
        name: .customLong("as"),
        help: "Who asks: operator, operator:NAME, user:usr_…, system.")
    var actor: Actor = .operator(nil)

    @Option(
        name: .long, help: "Idempotency key: the same key has one effect, however often it is sent."
    )
    var key: IdempotencyKey?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "How the embedded bank answers (default: the setting 'bank'): yes, decline:CODE, unknown, late, late-decline:CODE, "
                + "twice, down, amount:MINOR, random:SEED.", valueName: "script"))
    var bank: BankScript?

    var directory: String { store.directory }
}

extension BankScript: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}

import ArgumentParser

/// Which store a command opens.
struct StoreOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "The store's directory (default: $DAYBOOK_STORE, else ./daybook-store).",
            valueName: "dir"))
    var store: String?

    static let variable = "DAYBOOK_STORE"
    static let fallback = "./daybook-store"

    /// The directory: flag, environment, default.
    var directory: String { resolved.directory }

    var resolved: (directory: String, source: String) {
        if let store { return (store, "flag --store") }
        if let value = environmentValue(StoreOptions.variable), !value.isEmpty {
            return (value, "environment DAYBOOK_STORE")
        }
        return (StoreOptions.fallback, "default")
    }

    func validate() throws {
        if store == "" { throw ValidationError("--store needs a directory.") }
    }

    /// The store as it is typed in a suggested command; empty where it need not be named.
    var argument: String { store.map { " --store \(shellQuoted($0))" } ?? "" }
}

/// The text as one word of a shell.
func shellQuoted(_ text: String) -> String {
    let isPlain =
        !text.isEmpty
        && text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"),
                UInt8(ascii: "."), UInt8(ascii: "/"), UInt8(ascii: ":"), UInt8(ascii: ","),
                UInt8(ascii: "@"), UInt8(ascii: "+"), UInt8(ascii: "="):
                true
            default: false
            }
        }
    guard !isPlain else { return text }
    return "'"
        + text.split(separator: "'", omittingEmptySubsequences: false)
        .joined(separator: "'\\''") + "'"
}

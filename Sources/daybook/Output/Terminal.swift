import Glibc

/// What the surroundings of the process say about its two output streams.
struct Terminal: Hashable, Sendable {
    /// Whether standard output is read by a person.
    var outputIsTerminal: Bool
    /// Whether standard error is read by a person.
    var errorIsTerminal: Bool
    var inputIsTerminal: Bool
    /// Characters per line, where a person reads.
    var columns: Int
    /// Whether colours are wanted by the environment; `nil` when it says nothing.
    var environmentWantsColour: Bool?

    /// Reads the process's streams and environment.
    ///
    /// `DAYBOOK_FORCE_TTY=<columns>` makes both output streams terminals, for tests and screenshots.
    static func current() -> Terminal {
        Terminal(
            outputIsTerminal: isatty(STDOUT_FILENO) == 1,
            errorIsTerminal: isatty(STDERR_FILENO) == 1,
            inputIsTerminal: isatty(STDIN_FILENO) == 1,
            width: width(), environment: environmentValue)
    }

    init(
        outputIsTerminal: Bool, errorIsTerminal: Bool, inputIsTerminal: Bool, width: Int?,
        environment: (String) -> String?
    ) {
        let forced = environment("DAYBOOK_FORCE_TTY").flatMap(Int.init)
        self.outputIsTerminal = outputIsTerminal || forced != nil
        self.errorIsTerminal = errorIsTerminal || forced != nil
        self.inputIsTerminal = inputIsTerminal
        columns = max(20, forced ?? width ?? 80)
        environmentWantsColour = Terminal.colour(environment)
    }

    /// Source: no-color.org, bixense.com/clicolors.
    private static func colour(_ environment: (String) -> String?) -> Bool? {
        func isSet(_ name: String) -> Bool {
            environment(name).map { !$0.isEmpty && $0 != "0" } ?? false
        }
        if let value = environment("NO_COLOR"), !value.isEmpty { return false }
        if isSet("CLICOLOR_FORCE") || isSet("FORCE_COLOR") { return true }
        return environment("TERM") == "dumb" ? false : nil
    }

    /// Writes to the person at standard error, at once.
    static func say(_ text: String) { write(text, to: STDERR_FILENO) }

    /// Writes to a descriptor, at once.
    static func write(_ text: String, to descriptor: Int32) {
        var writer = StreamWriter(descriptor: descriptor, capacity: 0)
        writer.write(text.utf8)
    }

    private static func width() -> Int? {
        var size = winsize()
        for descriptor in [STDERR_FILENO, STDOUT_FILENO]
        where ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 {
            return Int(size.ws_col)
        }
        return environmentValue("COLUMNS").flatMap(Int.init)
    }
}

/// A variable of the process's environment; `nil` when it is not set.
func environmentValue(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
}

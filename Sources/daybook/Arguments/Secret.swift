import Glibc

/// Secrets come from a file, from standard input, or from the keyboard; never from an argument.
enum Secret {
    /// The first line of the file, without its line end; of standard input for `-`.
    ///
    /// - Parameter flag: the option that names the file, for messages.
    static func read(file: String, flag: String) throws(Failure) -> String {
        let bytes = try InputSource(file).read(limit: 65_536)
        var line = bytes.prefix { $0 != UInt8(ascii: "\n") }
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        guard let text = String(validating: line, as: UTF8.self), !text.isEmpty else {
            throw .usage("\(flag) \(file): the first line is empty or not UTF-8")
        }
        return text
    }

    /// Asks on the terminal without showing what is typed.
    ///
    /// - Throws: ``Failure`` 64, which names the flag, when there is no terminal.
    static func ask(_ question: String, flag: String) throws(Failure) -> String {
        guard isatty(STDIN_FILENO) == 1, isatty(STDERR_FILENO) == 1 else {
            throw .usage(
                "there is no terminal to ask on; give \(flag) FILE (or - for standard input)")
        }
        var before = termios()
        guard tcgetattr(STDIN_FILENO, &before) == 0 else {
            throw .file("the terminal", "read its settings", errorNumber: errno)
        }
        var silent = before
        silent.c_lflag &= ~tcflag_t(ECHO)
        guard tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent) == 0 else {
            throw .file("the terminal", "switch echo off", errorNumber: errno)
        }
        defer {
            _ = tcsetattr(STDIN_FILENO, TCSAFLUSH, &before)
            Terminal.say("\n")
        }
        Terminal.say("\(question): ")
        guard let line = readLine(), !line.isEmpty else {
            throw Failure(.failed, code: "declined", "nothing was typed")
        }
        return line
    }
}

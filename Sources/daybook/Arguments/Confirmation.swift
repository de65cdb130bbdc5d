import ArgumentParser
import Glibc

/// Asks before something that cannot be taken back easily.
struct Confirmation: ParsableArguments {
    @Flag(name: .shortAndLong, help: "Do not ask.")
    var yes = false

    /// - Throws: ``Failure``: 1 when the answer is no, 64 when there is nobody to ask.
    func ask(_ question: String) throws(Failure) {
        if yes { return }
        guard isatty(STDIN_FILENO) == 1, isatty(STDERR_FILENO) == 1 else {
            throw .usage("there is no terminal to ask '\(question)'; give --yes")
        }
        Terminal.say("\(question) [y/N] ")
        let answer = readLine()?.lowercased() ?? ""
        guard answer == "y" || answer == "yes" else {
            throw Failure(.failed, code: "declined", "not done")
        }
    }
}

/// Why a command did not do what was asked, ready to be shown.
struct Failure: Error, Hashable, Sendable {
    var status: ExitStatus
    /// Stable `snake_case`, for programs.
    var code: String
    /// What failed and where, for people.
    var message: String
    /// The values that the message is about.
    var details: Record
    /// Commands that lead on.
    var wayOut: [String]

    init(
        _ status: ExitStatus, code: String, _ message: String, details: Record = [:],
        wayOut: [String] = []
    ) {
        self.status = status
        self.code = code
        self.message = message
        self.details = details
        self.wayOut = wayOut
    }

    static func usage(_ message: String, details: Record = [:], wayOut: [String] = []) -> Failure {
        Failure(.usage, code: "usage", message, details: details, wayOut: wayOut)
    }

    static func notFound(_ message: String, details: Record = [:], wayOut: [String] = []) -> Failure
    {
        Failure(.notFound, code: "not_found", message, details: details, wayOut: wayOut)
    }

    /// An error of the operating system on a file.
    static func file(_ path: String, _ action: String, errorNumber: Int32) -> Failure {
        Failure(
            .inputOutput, code: "io", "\(path): cannot \(action): \(systemMessage(errorNumber))",
            details: ["path": .text(path)])
    }
}

extension Failure {
    /// The object `error` of a summary.
    var record: Record {
        var record: Record = ["code": .text(code), "message": .text(message)]
        record.append("details", .object(details))
        if !wayOut.isEmpty { record.append("try", .texts(wayOut)) }
        return record
    }

    /// The one object on standard error.
    var errorObject: Record {
        var object: Record = ["type": "error", "exit_code": .of(status.rawValue)]
        object.append(record)
        return object
    }

    /// For people: the message with its code, the details, the way out.
    func lines(money: MoneyStyle) -> [String] {
        [Printable.text(message) + " [\(code)]"]
            + Table.lines(of: details, money: money, indentation: 2)
            + wayOut.map { "try: " + Printable.text($0) }
    }
}

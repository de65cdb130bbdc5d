import DaybookDecisions

/// The commands of one transaction: a JSON array of commands, one command, or one command per line.
enum TransactionFile {
    /// More commands than one batch may hold events.
    static let commandLimit = 1_000

    /// - Parameter name: how messages call the text: a path or `standard input`.
    /// - Throws: ``Failure`` that names line, column, index and field.
    static func commands(_ bytes: [UInt8], name: String) throws(Failure) -> [Command] {
        let nodes = try nodes(bytes, name: name)
        guard !nodes.isEmpty else {
            throw .usage("\(name): there is no command in it")
        }
        guard nodes.count <= commandLimit else {
            throw .usage("\(name): \(nodes.count) commands; a transaction takes \(commandLimit)")
        }
        var commands: [Command] = []
        for (index, node) in nodes.enumerated() {
            do throws(FieldError) {
                commands.append(try CommandReader.command(node))
            } catch {
                let place = JSONSyntaxError(reason: "", byteOffset: error.byteOffset)
                    .place(in: bytes)
                throw Failure(
                    .failed, code: "validation_failed",
                    "\(name), line \(place.line), command \(index + 1): \(error.path) "
                        + error.problem,
                    details: [
                        "line": .of(place.line), "column": .of(place.column),
                        "index": .of(index), "field": .text(error.path),
                        "problem": .text(error.problem),
                    ])
            }
        }
        return commands
    }

    private static func nodes(_ bytes: [UInt8], name: String) throws(Failure) -> [JSONNode] {
        do throws(JSONSyntaxError) {
            let values = try JSONParser.sequence(bytes)
            // One array is the list itself; anything else is one command per value.
            if values.count == 1, case .array(let elements) = values[0].value { return elements }
            return values
        } catch {
            throw .malformed(error, in: bytes, name: name)
        }
    }
}

extension Failure {
    /// Text that is not JSON; says where.
    static func malformed(_ error: JSONSyntaxError, in bytes: [UInt8], name: String) -> Failure {
        let place = error.place(in: bytes)
        return Failure(
            .failed, code: "malformed_json",
            "\(name), line \(place.line), column \(place.column): not JSON: \(error.reason)",
            details: ["line": .of(place.line), "column": .of(place.column)])
    }
}

extension JSONParser {
    /// The values that follow each other, separated by blanks or line breaks.
    static func sequence(_ bytes: [UInt8]) throws(JSONSyntaxError) -> [JSONNode] {
        var parser = JSONParser(bytes)
        var nodes: [JSONNode] = []
        while let node = try parser.nextInSequence() { nodes.append(node) }
        return nodes
    }
}

internal import DaybookCore
internal import DaybookDecisions

/// Text of a transaction file.
enum JSONTarget {
    @Sendable static func run(_ input: UnsafeRawBufferPointer) {
        let bytes = Array(input)
        do throws(Failure) {
            let commands = try TransactionFile.commands(bytes, name: "input")
            require(!commands.isEmpty, "a transaction without commands was accepted")
        } catch {
            _ = error.lines(money: .major)
        }
        guard let nodes = try? JSONParser.sequence(bytes) else { return }
        for node in nodes { checkRoundTrip(node) }
    }

    /// What parses must mean the same when it is written out and parsed again.
    private static func checkRoundTrip(_ node: JSONNode) {
        var writer = JSONWriter()
        write(node, into: &writer)
        let again = try? JSONParser.parse(writer.bytes)
        require(again.map { text(of: $0) } == text(of: node), "JSON changes when it is rewritten")
    }

    private static func text(of node: JSONNode) -> String {
        var writer = JSONWriter()
        write(node, into: &writer)
        return writer.text
    }

    private static func write(_ node: JSONNode, into writer: inout JSONWriter) {
        switch node.value {
        case .null: writer.null()
        case .flag(let flag): writer.value(flag)
        case .integer(let number): writer.value(number)
        case .otherNumber(let text): writer.value(json: text)
        case .text(let text): writer.value(text)
        case .array(let nodes):
            writer.array { writer in for node in nodes { write(node, into: &writer) } }
        case .object(let members):
            writer.object { writer in
                for member in members {
                    writer.key(member.name)
                    write(member.node, into: &writer)
                }
            }
        }
    }
}

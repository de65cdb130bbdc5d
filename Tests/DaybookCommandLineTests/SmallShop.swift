import Foundation
import Testing

@testable import daybook

/// A store with one product, stock, and one verified user, made through the command line.
struct SmallShop: Sendable {
    let tool: Tool
    /// `usr_…`
    let user: String

    /// Made once; hashing a password is meant to take its time.
    private static let template = Result { try SmallShop(tool: try Tool()) }

    /// A copy of the shop for one test.
    init() throws {
        let original = try SmallShop.template.get()
        tool = try Tool()
        user = original.user
        try FileManager.default.copyItem(atPath: original.tool.store, toPath: tool.store)
    }

    private init(tool: Tool) throws {
        self.tool = tool
        try Self.must(try tool("init"))
        try Self.must(try tool("product", "add", "A", "--name", "Lamp", "--price", "9.99 GBP"))
        try Self.must(try tool("stock", "receive", "A", "5"))
        let (registered, summary) = try tool.json(
            "user", "register", "ada@example.com", "--password-file", "-",
            input: "correct horse battery\n")
        try Self.must(registered)
        user = try #require(summary["user_id"]?.string)
        let token = try Self.token(in: tool.store + "/outbox")
        try Self.must(try tool("user", "verify", input: token + "\n"))
    }

    /// Places an order of so many lamps; the answer is that of the tool.
    func order(_ quantity: Int, _ more: String...) throws -> (Tool.Answer, JSONNode.Value) {
        let arguments =
            ["order", "create", "--user", user, "--item", "A=\(quantity)"] + more
            + ["--store", tool.store, "--json"]
        let answer = try tool.run(arguments)
        return (answer, try answer.summary())
    }

    /// The token of the one mail with a link.
    static func token(in outbox: String) throws -> String {
        for file in try FileManager.default.contentsOfDirectory(atPath: outbox).sorted() {
            let text = try String(contentsOfFile: outbox + "/" + file, encoding: .utf8)
                .replacingOccurrences(of: "=\r\n", with: "")
                .replacingOccurrences(of: "=3D", with: "=")
            guard let start = text.range(of: "token=")?.upperBound else { continue }
            return String(
                text[start...].prefix { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" })
        }
        throw Failure.notFound("no mail with a token in \(outbox)")
    }

    static func must(
        _ answer: Tool.Answer, _ status: Int32 = 0,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        try #require(
            answer.status == status, "\(answer.output)\(answer.errors)",
            sourceLocation: sourceLocation)
    }
}

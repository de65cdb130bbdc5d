import DaybookCore
import DaybookLog
import Foundation
import Testing

@testable import daybook

/// Each wrong input has its clear message and exit code, and nothing is lost.
@Suite struct `Bad input` {
    @Test(arguments: [
        (["ordr", "list"], "did you mean 'daybook order'?"),
        (["order", "craete"], "did you mean 'daybook order create'?"),
        (["xyzzy"], "'xyzzy' is not a command of 'daybook'"),
        (["order", "list", "--limt", "3"], "--limt"),
        (["order", "create", "--user", "bob"], "The value 'bob' is invalid for '--user"),
        (["stock", "receive", "A"], "Missing expected argument"),
        (["stock", "receive", "A", "99999999999999999999"], "99999999999999999999"),
        (["product", "add", "A", "--name", "x", "--price", "9.999 GBP"], "9.999 GBP"),
        (["log", "show", "0"], "The value '0' is invalid"),
        (["projection", "rebuild"], "--all"),
        (["projection", "skip", "orders", "4"], "Missing expected argument '--reason"),
        (["projection", "retry", "ordrs"], "The value 'ordrs' is invalid"),
        (["order", "list", "--json", "--output", "csv"], "exclude each other"),
    ])
    func `given wrong usage, when run, then 64 and what was wrong`(
        arguments: [String], message: String
    ) throws {
        let answer = try Tool().run(arguments)
        #expect(answer.status == 64, "\(answer.errors)")
        #expect(answer.errors.contains(message), "\(answer.errors)")
        #expect(!arguments.contains("--json") == answer.output.isEmpty)
    }

    @Test func `given wrong usage with --json, when run, then summary and one error object`() throws
    {
        let answer = try Tool().run(["order", "craete", "--json"])
        #expect(answer.status == 64)
        let summary = try answer.summary()
        #expect(summary["exit_code"] == .integer(64))
        #expect(summary["error"]?["code"] == .text("usage"))
        let error = try JSONParser.parse(Array(answer.errors.utf8)).value
        #expect(error["type"] == .text("error"))
        #expect(error["exit_code"] == .integer(64))
    }

    @Test(
        arguments: [
            (["stock", "receive", "A", "0"], 1), (["stock", "receive", "NO-SUCH", "1"], 5),
            (["stock", "adjust", "A", "--by", "-6", "--reason", "x"], 1),
            (["stock", "adjust", "A", "--by", "1", "--reason", "x", "--expected", "9"], 6),
            (["product", "add", "A", "--name", "again", "--price", "1 GBP"], 1),
            (["product", "add", "B", "--name", "x", "--price", "-1 GBP"], 1),
            (["product", "add", "B", "--name", "x", "--price", "92233720368547758.07 GBP"], 1),
            (["product", "price", "A", "9.99 EUR"], 1),
            (["product", "price", "NO-SUCH", "1 GBP"], 5),
            (["order", "ship", "99"], 5), (["order", "show", "99"], 5),
            (["product", "show", "B"], 5),
            (["user", "show", "usr_00000000000000000000000001"], 5),
            (["user", "register", "not-an-address", "--no-password"], 1),
            (["user", "register", "ada@example.com", "--no-password"], 1),
            (["order", "list", "--limit", "-1"], 64), (["order", "list", "--limit", "101"], 64),
        ] as [([String], Int32)])
    func
        `given an impossible wish, when asked, then its exit code, a message, and the log is unchanged`(
            arguments: [String], status: Int32
        ) throws
    {
        let shop = try SmallShop()
        let before = try shop.tool.json("log", "stats").1["head"]
        let answer = try shop.tool.run(arguments + ["--store", shop.tool.store])
        #expect(answer.status == status, "\(answer.errors)")
        #expect(answer.errors.hasPrefix("error: "), "\(answer.errors)")
        #expect(answer.output.isEmpty)
        let isNotice = arguments.contains("ada@example.com")
        // A registration of a known address writes to its owner (D-36); everything else records nothing.
        if !isNotice { #expect(try shop.tool.json("log", "stats").1["head"] == before) }
    }

    @Test(arguments: [0, -4, 100_001])
    func `given an impossible quantity, when ordered, then invalid_quantity and nothing happened`(
        quantity: Int
    ) throws {
        let shop = try SmallShop()
        let (answer, summary) = try shop.order(quantity)
        #expect(answer.status == 1)
        #expect(summary["error"]?["code"] == .text("invalid_quantity"))
    }

    @Test func `given an order without items, when placed, then empty_order`() throws {
        let shop = try SmallShop()
        let (answer, summary) = try shop.tool.json("order", "create", "--user", shop.user)
        #expect(answer.status == 1)
        #expect(summary["error"]?["code"] == .text("empty_order"))
    }

    @Test(arguments: [
        ("{\"command\":", "line 1, column 12: not JSON"),
        ("[{\"command\":\"receive_stock\",\"sku\":\"A\",\"quantity\":5},]", "not JSON"),
        ("sku,quantity\nA,5\n", "line 1, column 1: not JSON"),
        ("{\"command\":\"fly\"}", "'fly' is not a command"), ("", "there is no command in it"),
        ("\u{0}\u{1}\u{2}", "not JSON"),
    ])
    func `given a malformed transaction, when run, then the place is named and nothing happened`(
        text: String, message: String
    ) throws {
        let shop = try SmallShop()
        let before = try shop.tool.json("log", "stats").1["head"]
        let answer = try shop.tool("transaction", "-", input: text)
        #expect(answer.status == 1 || answer.status == 64)
        #expect(answer.errors.contains(message), "\(answer.errors)")
        #expect(try shop.tool.json("log", "stats").1["head"] == before)
    }

    @Test func `given files that are not there or no files, when read, then 5 and 64`() throws {
        let tool = try Tool()
        try SmallShop.must(try tool("init"))
        #expect(try tool("transaction", tool.directory + "/none").status == 5)
        #expect(try tool("transaction", tool.directory).status == 64)
    }

    @Test func `given directories that are no store, when any command opens them, then 10`() throws
    {
        let tool = try Tool()
        let file = tool.directory + "/file"
        try Data("hello".utf8).write(to: URL(fileURLWithPath: file))
        let commands = [
            ["order", "list"], ["stock", "receive", "A", "1"], ["verify"], ["replay"], ["doctor"],
            ["log", "tail"], ["export"], ["projection", "status"], ["audit", "order", "1"],
            ["config", "set", "tax_rate_bps", "1"], ["projection", "rebuild", "--all"],
            ["projection", "parked"], ["projection", "retry", "orders"],
            ["projection", "skip", "orders", "4", "--reason", "x"],
        ]
        for command in commands {
            for path in [tool.directory, tool.directory + "/none", file] {
                let answer = try tool.run(command + ["--store", path, "--json"])
                #expect(answer.status == 10, "\(command) \(path): \(answer.errors)")
                let code = try answer.summary()["error"]?["code"]
                #expect(code == .text("store_not_found"), "\(command) \(path)")
                #expect(answer.errors.contains("daybook init"), "\(command) \(path)")
            }
        }
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: tool.directory).filter {
                !$0.hasPrefix("run-")
            } == ["file"])
    }

    @Test
    func `given a locked store, when changed, then 11 names the holder; questions are answered`()
        throws
    {
        let shop = try SmallShop()
        let storage = try FileStorage(path: shop.tool.store + "/log")
        let lock = try storage.lock()
        let (refused, summary) = try shop.tool.json("stock", "receive", "A", "1")
        #expect(refused.status == 11)
        #expect(summary["error"]?["code"] == .text("store_locked"))
        #expect(summary["error"]?["message"]?.string?.contains("pid") == true)
        #expect(try shop.tool("stock", "show", "A").status == 0)
        #expect(try shop.tool("doctor").status == 0)
        lock.release()
        #expect(try shop.tool("stock", "receive", "A", "1").status == 0)
    }
}

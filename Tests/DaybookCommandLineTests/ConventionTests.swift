import DaybookCore
import Foundation
import Testing

@testable import daybook

@Suite struct `Conventions of the command line` {
    @Test
    func
        `given every question and check, when asked with --json, then JSON lines and one last summary`()
        throws
    {
        let shop = try SmallShop()
        let (_, order) = try shop.order(1)
        let id = try #require(order["order_id"]?.string)
        let commands: [[String]] = [
            ["order", "show", "1"], ["order", "show", id], ["order", "list"],
            ["order", "list", "--user", shop.user, "--status", "processing"],
            ["user", "show", shop.user], ["user", "dashboard", shop.user], ["user", "list"],
            ["product", "show", "A"], ["product", "list"], ["stock", "show", "A"],
            ["mail", "list"],
            ["payment", "list"], ["log", "tail"], ["log", "show", "1"],
            ["log", "search", "--type", "OrderPlaced"], ["log", "stats", "--types"], ["verify"],
            ["replay"], ["audit", "order", "1"], ["projection", "list"], ["projection", "status"],
            ["projection", "parked"], ["projection", "retry", "orders"],
            ["projection", "rebuild", "--all", "--dry-run"], ["export"], ["export", "orders"],
            ["doctor"], ["config", "show"],
        ]
        for command in commands {
            let answer = try shop.tool.run(command + ["--store", shop.tool.store, "--json"])
            #expect(answer.status == 0, "\(command): \(answer.output)\(answer.errors)")
            let summary = try answer.summary()
            #expect(summary["ok"] == .flag(true), "\(command)")
            #expect(summary["exit_code"] == .integer(0), "\(command)")
            #expect(answer.errors == "", "\(command)")
            let text = try shop.tool.run(command + ["--store", shop.tool.store])
            #expect(text.status == 0, "\(command): \(text.errors)")
            let mayBeEmpty = [["payment", "list"], ["projection", "parked"]].contains(command)
            #expect(!text.output.isEmpty || mayBeEmpty, "\(command)")
        }
    }

    @Test func `given the environment and the flag, when the store is chosen, then the flag wins`()
        throws
    {
        let tool = try Tool()
        let environment = ["DAYBOOK_STORE": tool.store]
        #expect(try tool.run(["init"], environment: environment).status == 0)
        let shown = try tool.run(["config", "show", "--json"], environment: environment)
        let store = try #require(try shown.records().first)
        #expect(store["value"] == .text(tool.store))
        #expect(store["source"] == .text("environment DAYBOOK_STORE"))
        let other = try tool.run(
            ["log", "stats", "--store", tool.directory + "/none"], environment: environment)
        #expect(other.status == 10)
    }

    @Test func `given a setting, when set, then it is shown with its source`() throws {
        let tool = try Tool()
        try SmallShop.must(try tool("init"))
        try SmallShop.must(try tool("config", "set", "tax_rate_bps", "2000"))
        let settings = try tool.json("config", "show").0.records()
        let rate = try #require(settings.first { $0["name"] == .text("tax_rate_bps") })
        #expect(rate["value"] == .text("2000"))
        #expect(rate["source"] == .text("settings.json"))
        #expect(try tool("config", "set", "tax_rate_bps", "a lot").status == 1)
        #expect(try tool("config", "set", "no_such", "1").status == 1)
    }

    @Test func `given a store, when created again, then 1; with --if-missing 0`() throws {
        let tool = try Tool()
        let (first, made) = try tool.json("init")
        #expect(first.status == 0)
        #expect(made["created"] == .flag(true))
        let (second, error) = try tool.json("init")
        #expect(second.status == 1)
        #expect(error["error"]?["code"] == .text("store_exists"))
        let (third, kept) = try tool.json("init", "--if-missing")
        #expect(third.status == 0)
        #expect(kept["created"] == .flag(false))
        let mode = try FileManager.default.attributesOfItem(atPath: tool.store)[.posixPermissions]
        #expect(mode as? Int == 0o700)
    }

    @Test
    func `given the same clock, seed and commands, when run in two stores, then the same log`()
        throws
    {
        var exports: [String] = []
        for _ in 0..<2 {
            let tool = try Tool()
            let fixed = ["--now", "2026-11-23T12:00:00Z", "--seed", "7", "--store", tool.store]
            try SmallShop.must(try tool.run(["init"] + fixed))
            try SmallShop.must(
                try tool.run(["product", "add", "A", "--name", "x", "--price", "1 GBP"] + fixed))
            try SmallShop.must(try tool.run(["stock", "receive", "A", "5"] + fixed))
            exports.append(try tool("export").output)
        }
        #expect(exports[0] == exports[1])
        #expect(exports[0].contains("2026-11-23T12:00:00Z"))
    }

    @Test func `given no terminal, when a password is needed, then 64 names the flag`() throws {
        let tool = try Tool()
        try SmallShop.must(try tool("init"))
        let answer = try tool("user", "register", "ada@example.com")
        #expect(answer.status == 64)
        #expect(answer.errors.contains("--password-file"))
    }

    @Test func `given a follower of the log, when interrupted, then 130; terminated, then 143`()
        throws
    {
        let tool = try Tool()
        try SmallShop.must(try tool("init"))
        try SmallShop.must(try tool("product", "add", "A", "--name", "x", "--price", "1 GBP"))
        for (signal, status) in [(SIGINT, Int32(130)), (SIGTERM, 143)] {
            let process = try Tool.process(
                ["log", "tail", "--follow", "--json", "--store", tool.store])
            let output = Pipe()
            process.standardOutput = output
            process.standardError = FileHandle.nullDevice
            try process.run()
            // Its first line proves that it listens.
            _ = output.fileHandleForReading.availableData
            kill(process.processIdentifier, signal)
            let rest = try output.fileHandleForReading.readToEnd() ?? Data()
            process.waitUntilExit()
            #expect(process.terminationStatus == status)
            #expect(String(decoding: rest, as: UTF8.self).contains("\"exit_code\":\(status)"))
        }
    }

    @Test func `given help, when asked, then an example comes first and 0`() throws {
        let tool = try Tool()
        let help = try tool.run(["order", "create", "--help"])
        #expect(help.status == 0)
        #expect(help.output.contains("daybook order create --user usr_01"))
        #expect(try tool.run(["help", "exit-codes"]).output.contains("65  the data is damaged"))
        #expect(try tool.run(["--version"]).output == "daybook 0.1.0\n")
    }
}

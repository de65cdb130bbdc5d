import DaybookCore
import Foundation
import Testing

@testable import daybook

/// A disk that is full and one that cannot be written.
@Suite struct `Scarce disk` {
    /// Where nobody may mount the precondition does not hold, and that is reported, not passed over.
    private func mounted(_ mebibytes: Int) throws -> MountedFolder? {
        let folder = try MountedFolder(mebibytes: mebibytes)
        if folder == nil {
            withKnownIssue("precondition: this machine lets nobody mount a file system") {
                Issue.record("mount -t tmpfs was refused; run the tests as root")
            }
        }
        return folder
    }

    @Test
    func `given a full disk, when commands come, then 75, and with room again nothing is lost`()
        throws
    {
        guard let folder = try mounted(64) else { return }
        let tool = try Tool()
        let store = ["--store", folder.path + "/store"]
        try SmallShop.must(try tool.run(["init"] + store))
        try SmallShop.must(
            try tool.run(["product", "add", "A", "--name", "x", "--price", "1 GBP"] + store))
        let filler = try folder.fill()
        var accepted = 0
        var refusals = 0
        for _ in 0..<3 {
            let answer = try tool.run(["stock", "receive", "A", "1", "--json"] + store)
            if answer.status == 0 {
                accepted += 1
                continue
            }
            refusals += 1
            #expect(answer.status == 75, "\(answer.errors)")
            #expect(try answer.summary()["error"]?["code"] == .text("no_space"))
        }
        let fresh = try tool.run(["init", "--store", folder.path + "/other"])
        #expect([74, 75].contains(fresh.status), "\(fresh.errors)")
        #expect(fresh.errors.contains("No space left on device"), "\(fresh.errors)")
        try FileManager.default.removeItem(atPath: filler)
        try SmallShop.must(try tool.run(["stock", "receive", "A", "1"] + store))
        let stock = try tool.run(["stock", "show", "A", "--json"] + store)
        #expect(
            try stock.records()[0]["on_hand"] == .integer(Int64(accepted) + 1),
            "\(refusals) refused")
        try SmallShop.must(try tool.run(["verify"] + store))
    }

    @Test func `given a full target, when exported to it, then 74 and no file that looks whole`()
        throws
    {
        guard let folder = try mounted(1) else { return }
        let shop = try SmallShop()
        _ = try folder.fill()
        let file = folder.path + "/events.ndjson"
        let answer = try shop.tool("export", "--file", file)
        #expect(answer.status == 74 || answer.status == 75, "\(answer.errors)")
        #expect(answer.errors.contains("No space left"), "\(answer.errors)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["filler"])
    }

    @Test func `given a read-only disk, when changed, then 74; questions and verify still work`()
        throws
    {
        guard let folder = try mounted(64) else { return }
        let tool = try Tool()
        let store = ["--store", folder.path + "/store"]
        try SmallShop.must(try tool.run(["init"] + store))
        try SmallShop.must(
            try tool.run(["product", "add", "A", "--name", "x", "--price", "1 GBP"] + store))
        try folder.remount(readOnly: true)
        let refused = try tool.run(["stock", "receive", "A", "1", "--json"] + store)
        #expect(refused.status == 74, "\(refused.errors)")
        #expect(try refused.summary()["error"]?["code"] == .text("read_only"), "\(refused.errors)")
        for question in [
            ["product", "show", "A"], ["log", "tail"], ["verify"], ["replay"], ["export"],
            ["config", "show"], ["projection", "status"], ["export", "inventory"],
        ] {
            let answer = try tool.run(question + store)
            #expect(answer.status == 0, "\(question): \(answer.errors)")
        }
        let doctor = try tool.run(["doctor"] + store)
        #expect(doctor.status == 3)
        #expect(doctor.errors.contains("read_only"), "\(doctor.errors)")
    }
}

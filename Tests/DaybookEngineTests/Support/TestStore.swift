import DaybookCore
import DaybookDecisions
import DaybookEngine
import DaybookGateways
import DaybookLog
import DaybookVault
import Foundation
import Testing

let pounds = Currency(rawValue: "GBP")!
let boss = Actor.operator("boss")

func gbp(_ minor: Int64) -> Money { Money(minor: minor, currency: pounds) }

/// A real store in a directory that is gone when the test is: set clock, seeded chance, a bank in
/// memory that survives every restart of the store, mails as files.
final class TestStore {
    let path: String
    let clock = SetClock()
    let bank = ScriptedBank()
    var configuration: DaybookConfiguration

    init(shop: ShopSettings = ShopSettings()) throws {
        var template = Array((NSTemporaryDirectory() + "/daybook-engine-XXXXXX").utf8CString)
        path = try #require(mkdtemp(&template).map { String(cString: $0) })
        configuration = DaybookConfiguration(directory: path + "/store")
        configuration.settings = StoreSettings(shop: shop)
        configuration.gateway = bank
        configuration.logOptions.firstSegmentByteCount = 1 << 18
        configuration.logOptions.segmentByteCount = 1 << 18
        configuration.passwordCost = .lowest
        configuration.seedChance(with: 1)
        let clock = clock
        configuration.clock = { clock.now }
        try Daybook.create(configuration)
        configuration.mailSender = try EmlMailSender(
            directory: path + "/store/outbox", durability: .kernel)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    func open(_ reactors: ReactorMode = .automatic) async throws -> Daybook {
        var configuration = configuration
        configuration.reactors = reactors
        return try await Daybook.open(configuration)
    }

    /// Opened with product A, five at 9.99, and B, one at 10.00 (the golden traces' shop).
    func openShop(_ reactors: ReactorMode = .automatic) async throws -> Daybook {
        let daybook = try await open(reactors)
        try await daybook.addGoods()
        return daybook
    }

    /// The same with a customer, and with nothing left to be done.
    func openShopWithCustomer(
        _ reactors: ReactorMode = .automatic
    ) async throws -> (Daybook, UserID) {
        let setUp = try await openShop(.manual)
        let user = try await setUp.customer()
        try await setUp.runReactors()
        try await setUp.close()
        return (try await open(reactors), user)
    }

    /// The texts of all mails in the outbox, in the order of their ids.
    var mails: [String] {
        get throws {
            let folder = path + "/store/outbox"
            return try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
                .filter { $0.hasSuffix(".eml") }
                .map {
                    String(decoding: try Data(contentsOf: url(folder + "/" + $0)), as: UTF8.self)
                }
        }
    }

    func mails(about subject: String) throws -> [String] {
        try mails.filter { $0.contains("\r\nSubject: \(subject)") }
    }

    /// Every file under the store, by path from there.
    var files: [String] {
        get throws { try FileManager.default.subpathsOfDirectory(atPath: path + "/store").sorted() }
    }

    func url(_ path: String) -> URL { URL(fileURLWithPath: path) }

    func bytes(of name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: url(path + "/store/" + name)))
    }

    /// A second configuration that differs in its directory only.
    func configuration(of directory: String) -> DaybookConfiguration {
        var copy = configuration
        copy.directory = directory
        return copy
    }

    /// Copies the whole store, as it lies there now.
    func copy(to name: String) throws -> String {
        let target = path + "/" + name
        try FileManager.default.copyItem(atPath: path + "/store", toPath: target)
        return target
    }
}

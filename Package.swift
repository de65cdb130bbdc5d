// swift-tools-version: 6.2
import PackageDescription

/// Hygiene for every target; warnings are errors in CI, where `CI` is set.
var settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]
if Context.environment["CI"] != nil {
    settings.append(.treatAllWarnings(as: .error))
}
// The known mistakes that the simulator must find (`PlantedBug`) are compiled into debug builds only.
settings.append(.define("DAYBOOK_PLANTED_BUGS", .when(configuration: .debug)))

let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let cryptoExtras = Target.Dependency.product(name: "CryptoExtras", package: "swift-crypto")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
    name: "daybook",
    products: [
        .executable(name: "daybook", targets: ["daybook"]),
        .executable(name: "daybook-simulate", targets: ["daybook-simulate"]),
        .library(
            name: "Daybook",
            targets: [
                "DaybookCore", "DaybookDecisions", "DaybookEngine", "DaybookGateways",
                "DaybookProjections",
            ]),
        .library(name: "DaybookLog", targets: ["DaybookCore", "DaybookLog"]),
        .library(name: "DaybookTestKit", targets: ["DaybookCore", "DaybookLog", "DaybookTestKit"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    ],
    targets: [
        // Level 0
        .target(name: "DaybookCore", swiftSettings: settings),

        // Level 1
        .target(
            name: "DaybookDecisions", dependencies: ["DaybookCore"], swiftSettings: settings),
        .systemLibrary(
            name: "CLZ4", pkgConfig: "liblz4", providers: [.apt(["liblz4-dev"])]),
        .target(name: "CDaybookCRC32C"),
        .systemLibrary(name: "CMalloc"),
        .systemLibrary(name: "CSQLite", providers: [.apt(["libsqlite3-dev"])]),
        .target(
            name: "DaybookLog", dependencies: ["DaybookCore", "CLZ4", "CDaybookCRC32C"],
            swiftSettings: settings),

        // Level 2
        .target(
            name: "DaybookGateways", dependencies: ["DaybookCore", "DaybookDecisions"],
            swiftSettings: settings),
        .target(
            name: "DaybookProjections",
            dependencies: ["DaybookCore", "DaybookDecisions", "CSQLite", grdb],
            swiftSettings: settings),
        .target(
            name: "DaybookVault",
            dependencies: [
                "DaybookCore", "DaybookDecisions", "CSQLite", crypto, cryptoExtras, grdb,
            ],
            swiftSettings: settings),

        // Level 3
        .target(
            name: "DaybookEngine",
            dependencies: [
                "DaybookCore", "DaybookDecisions", "DaybookGateways", "DaybookLog",
                "DaybookProjections", "DaybookVault", "CMalloc", "CSQLite", crypto,
            ],
            swiftSettings: settings),

        // Level 4
        .target(
            name: "DaybookSimulator",
            dependencies: [
                "DaybookCore", "DaybookDecisions", "DaybookEngine", "DaybookGateways",
                "DaybookLog", "DaybookProjections", "DaybookVault", crypto,
            ],
            swiftSettings: settings),

        // Level 5
        .target(
            name: "DaybookTestKit",
            dependencies: ["DaybookCore", "DaybookEngine", "DaybookLog", "DaybookSimulator"],
            swiftSettings: settings),
        // Level 6: the project's own properties, for its tests and for the hunt for mutants
        .target(
            name: "DaybookProperties",
            dependencies: [
                "DaybookCore", "DaybookDecisions", "DaybookEngine", "DaybookLog",
                "DaybookProjections", "DaybookTestKit",
            ],
            swiftSettings: settings),
        .executableTarget(
            name: "daybook-simulate",
            dependencies: [
                "DaybookCore", "DaybookEngine", "DaybookLog", "DaybookProperties",
                "DaybookSimulator", "DaybookTestKit", arguments,
            ],
            swiftSettings: settings),
        .executableTarget(
            name: "daybook",
            dependencies: [
                "DaybookCore", "DaybookDecisions", "DaybookEngine", "DaybookGateways",
                "DaybookLog", "DaybookProjections", "DaybookVault", arguments,
            ],
            exclude: ["Resources/sample-orders-attribution.txt"],
            resources: [.embedInCode("Resources/sample-orders.csv")],
            swiftSettings: settings),

        // Tests, one target per target, and one per promise that spans them
        .testTarget(
            name: "DaybookCoreTests", dependencies: ["DaybookCore"], swiftSettings: settings),
        .testTarget(
            name: "SchemaTests", dependencies: ["DaybookCore", "DaybookDecisions"],
            swiftSettings: settings),
        .testTarget(
            name: "DaybookDecisionsTests", dependencies: ["DaybookCore", "DaybookDecisions"],
            swiftSettings: settings),
        .testTarget(
            name: "DaybookLogTests", dependencies: ["DaybookCore", "DaybookLog", crypto],
            swiftSettings: settings),
        .testTarget(
            name: "DaybookGatewaysTests",
            dependencies: ["DaybookCore", "DaybookDecisions", "DaybookGateways"],
            swiftSettings: settings),
        .testTarget(
            name: "DaybookVaultTests",
            dependencies: ["DaybookCore", "DaybookDecisions", "DaybookVault", crypto, grdb],
            swiftSettings: settings),
        .testTarget(
            name: "DaybookProjectionsTests",
            dependencies: ["DaybookCore", "DaybookDecisions", "DaybookProjections", grdb],
            swiftSettings: settings),
        .testTarget(
            name: "DaybookEngineTests",
            dependencies: [
                "DaybookCore", "DaybookDecisions", "DaybookEngine", "DaybookGateways",
                "DaybookLog", "DaybookProjections", "DaybookVault", "CSQLite", grdb,
            ],
            swiftSettings: settings),
        .testTarget(
            name: "DaybookSimulatorTests",
            dependencies: [
                "DaybookCore", "DaybookDecisions", "DaybookEngine", "DaybookLog",
                "DaybookSimulator",
            ],
            exclude: ["Corpus"], swiftSettings: settings),
        .testTarget(
            name: "DaybookTestKitTests",
            dependencies: [
                "DaybookCore", "DaybookDecisions", "DaybookEngine", "DaybookLog", "DaybookTestKit",
            ],
            swiftSettings: settings),
        .testTarget(
            name: "OrderPropertyTests",
            dependencies: [
                "DaybookCore", "DaybookDecisions", "DaybookProperties", "DaybookTestKit",
            ],
            exclude: ["properties.py"],
            swiftSettings: settings),
        .testTarget(
            name: "ImportTests",
            dependencies: [
                "DaybookCore", "DaybookDecisions", "DaybookEngine", "DaybookGateways",
                "DaybookLog", "DaybookProjections", "DaybookVault", "daybook",
            ],
            swiftSettings: settings),
        .testTarget(
            name: "DaybookCommandLineTests",
            dependencies: [
                "DaybookCore", "DaybookDecisions", "DaybookEngine", "DaybookLog", "daybook",
            ],
            swiftSettings: settings),
        .testTarget(
            name: "ConformanceTests", exclude: ["conformance.md", "conformance.py"],
            swiftSettings: settings),
        // Outside the package's own access level: what another package would see.
        .testTarget(
            name: "EmbeddingTests",
            dependencies: ["DaybookCore", "DaybookDecisions", "DaybookEngine"],
            packageAccess: false, swiftSettings: settings),
        // Another domain than orders, with nothing but the test kit's product.
        .testTarget(
            name: "LendingExampleTests",
            dependencies: ["DaybookCore", "DaybookLog", "DaybookTestKit"],
            packageAccess: false, swiftSettings: settings),
    ]
)

// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

let daybook = Target.Dependency.product(name: "Daybook", package: "daybook")
let log = Target.Dependency.product(name: "DaybookLog", package: "daybook")

let package = Package(
    name: "daybook-benchmarks",
    dependencies: [
        .package(name: "daybook", path: ".."),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        // Without its interposers: they count 0 allocations here and slow every one down.
        .package(url: "https://github.com/ordo-one/benchmark", exact: "1.38.1", traits: []),
    ],
    targets: [
        .target(name: "CMachine"),
        // What an embedder of the library would write: public interfaces only.
        .target(
            name: "Workload", dependencies: ["CMachine", daybook, log], swiftSettings: settings),
        .executableTarget(
            name: "daybook-workload",
            dependencies: [
                "Workload", daybook, log,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: settings),
        // One benchmark for each goal; the plug-in wants them under Benchmarks/.
        .executableTarget(
            name: "Goals",
            dependencies: [
                "Workload", daybook, log, .product(name: "Benchmark", package: "benchmark"),
            ],
            path: "Benchmarks/Goals",
            swiftSettings: settings,
            plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]),
    ]
)

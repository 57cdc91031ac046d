// swift-tools-version: 6.1
import PackageDescription

/// Language settings of every Swift target.
let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

// Libraries outside of what the product exists for.
let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let asyncHTTPClient: Target.Dependency = .product(name: "AsyncHTTPClient", package: "async-http-client")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let hummingbirdTLS: Target.Dependency = .product(name: "HummingbirdTLS", package: "hummingbird")
let lifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioHTTP1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let nioSSL: Target.Dependency = .product(name: "NIOSSL", package: "swift-nio-ssl")
let httpTypes: Target.Dependency = .product(name: "HTTPTypes", package: "swift-http-types")
let hummingbirdCore: Target.Dependency = .product(name: "HummingbirdCore", package: "hummingbird")
let unixSignals: Target.Dependency = .product(name: "UnixSignals", package: "swift-service-lifecycle")
let nioTLS: Target.Dependency = .product(name: "NIOTLS", package: "swift-nio")
let nioHTTPTypes: Target.Dependency = .product(name: "NIOHTTPTypes", package: "swift-nio-extras")
let nioHTTPTypesHTTP1: Target.Dependency = .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras")
let nioEmbedded: Target.Dependency = .product(name: "NIOEmbedded", package: "swift-nio")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")

func target(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies, swiftSettings: settings)
}

let package = Package(
    name: "nightshift",
    products: [
        .executable(name: "nightshift", targets: ["nightshift"]),
        .executable(name: "nightshift-run", targets: ["CSupervisor"]),
    ],
    dependencies: [
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        // The pure core: no I/O, no clock, no randomness, no logging.
        target("JSONCore"),
        target("ByteCoding"),
        target("JSONPath", ["JSONCore"]),
        target("TimeSource"),
        target("JSONata", ["JSONCore"]),
        target("StatesLanguage", ["JSONCore", "JSONPath", "JSONata", "TimeSource"]),
        target("StatesInterpreter", ["JSONCore", "JSONPath", "JSONata", "StatesLanguage", "TimeSource"]),
        target("ScheduleExpressions", ["TimeSource"]),
        target("EventPatterns", ["JSONCore", "TimeSource"]),
        target("LogFilters", ["JSONCore"]),
        target("ConfigQueries", ["JSONCore"]),
        // Not of the core: its library brings Foundation.
        target("YAMLReading", ["JSONCore", yams]),

        // The wire.
        target("AWSProtocols", ["ByteCoding", "JSONCore", "TimeSource"]),
        target("RequestSigning", ["ByteCoding", "TimeSource", crypto]),
        .target(name: "CAPIModels"),
        target("APIModels", ["AWSProtocols", "CAPIModels", "JSONCore"]),

        // What is remembered.
        target("Threading"),
        target("Store", ["TimeSource"]),
        .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        target("DatabaseSQLite", ["Store", "CSQLite", "Threading"]),
        // For crash tests; empty in release builds.
        .target(name: "CPowerCut", dependencies: ["CSQLite"]),
        .target(name: "CLibpq"),
        target("DatabasePostgres", ["CLibpq", "Store", "Threading", logging]),
        target("StoreConformance", ["Store", "TimeSource"]),
        .target(
            name: "LogStorage", dependencies: ["Threading", "TimeSource"], exclude: ["DESIGN.md"], swiftSettings: settings),
        .target(name: "CObjectFiles"),
        target("ObjectStorage", ["ByteCoding", "CObjectFiles", "Store", "Threading", "TimeSource", crypto, lifecycle, logging]),
        target("SecretEncryption", ["TimeSource", crypto]),
        target("BackupFiles", ["JSONCore", "Threading", "TimeSource", crypto]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        target("FunctionCode", ["CZlib", "Threading", "TimeSource", crypto]),

        // What acts.
        target(
            "Engine",
            [
                "AWSProtocols", "AgentProtocol", "ByteCoding", "EventPatterns", "JSONCore", "ScheduleExpressions", "StatesInterpreter", "StatesLanguage",
                "Store", "Threading", "TimeSource", crypto, lifecycle, logging,
            ]),
        target(
            "Services",
            [
                "APIModels", "AWSProtocols", "AgentProtocol", "BackupFiles", "ByteCoding", "ConfigQueries", "Engine", "EventPatterns", "FunctionCode",
                "FunctionRuntimes", "JSONCore", "LogFilters", "LogStorage", "ObjectStorage", "ScheduleExpressions", "SecretEncryption",
                "StatesInterpreter", "StatesLanguage", "Store", "TimeSource", "YAMLReading", crypto, lifecycle, logging,
            ]),
        target("SMTPMail", ["ByteCoding", nioCore, nioPosix, nioSSL, nioTLS]),
        .target(name: "CSpawn"),
        target("FunctionRuntimes", ["CSpawn", "JSONCore", "TimeSource", lifecycle, logging, nioCore, nioHTTP1, nioPosix]),
        target(
            "APIServer",
            [
                "APIModels", "AWSProtocols", "RequestSigning", "Services", "TimeSource", hummingbird, hummingbirdCore,
                hummingbirdTLS, httpTypes, lifecycle, logging, nioCore, nioHTTP1, nioHTTPTypes, nioHTTPTypesHTTP1, nioPosix, nioSSL,
            ]),

        target(
            "Integrations",
            [
                "APIModels", "AWSProtocols", "ByteCoding", "Engine", "JSONCore", "RequestSigning", "SMTPMail", "Services", "StatesInterpreter",
                "StatesLanguage", "Store", "TimeSource", asyncHTTPClient, lifecycle, logging, nioCore, nioHTTP1, nioPosix,
            ]),

        // The conversation with agents, and the agent's side of it.
        target("AgentProtocol", ["ByteCoding", "JSONCore"]),
        target(
            "AgentGateway", ["AgentProtocol", "ByteCoding", "Engine", "JSONCore", "Services", "Store", "TimeSource", crypto, logging]),
        target(
            "Agent",
            [
                "AgentProtocol", "ByteCoding", "CSpawn", "JSONCore", "TimeSource", asyncHTTPClient, crypto, lifecycle, logging,
                nioCore, nioHTTP1, nioPosix, nioSSL,
            ]),

        // The operator's commands; like the agent they know the server by the wire alone.
        target(
            "AdminCLI",
            [
                "CSpawn", "JSONCore", "JSONPath", "JSONata", "RequestSigning", "StatesLanguage", "Threading", "TimeSource", argumentParser,
                asyncHTTPClient, nioCore, nioHTTP1,
                nioSSL, unixSignals,
            ]),

        // The one executable: the composition root.
        .executableTarget(
            name: "nightshift",
            dependencies: [
                "APIModels", "APIServer", "AdminCLI", "Agent", "AgentGateway", "BackupFiles", "CPowerCut",
                "DatabasePostgres", "DatabaseSQLite", "Engine",
                "FunctionCode", "FunctionRuntimes", "Integrations", "JSONCore", "LogStorage", "ObjectStorage", "RequestSigning", "SMTPMail", "SecretEncryption",
                "Services", "Store", "TimeSource", argumentParser, lifecycle, logging, nioPosix, unixSignals,
            ], swiftSettings: settings),

        // The agent's supervisor: plain C, static and small. Without these flags it would be linked with the Swift runtime.
        .executableTarget(
            name: "CSupervisor", dependencies: ["CSpawn"],
            linkerSettings: [.unsafeFlags(["-static-executable", "-nostartfiles"])]),

        // Tests.
        target(
            "TestSupport",
            [
                "DatabaseSQLite", "Engine", "JSONCore", "StatesInterpreter", "StatesLanguage", "Store", "TimeSource", lifecycle, logging,
            ]),
        tests("ThreadingTests", ["Threading"]),
        tests("PowerCutTests", ["CPowerCut", "CSQLite", "TestSupport"]),
        tests("DatabaseSQLiteTests", ["DatabaseSQLite", "Store", "StoreConformance", "TestSupport"]),
        tests("DatabasePostgresTests", ["DatabasePostgres", "Store", "StoreConformance", "TimeSource", logging]),
        tests("JSONCoreTests", ["JSONCore"]),
        tests("ByteCodingTests", ["ByteCoding"]),
        tests("JSONPathTests", ["JSONPath", "JSONCore"]),
        tests("JSONataTests", ["JSONata", "JSONCore"]),
        tests("TimeSourceTests", ["TimeSource"]),
        tests("StatesLanguageTests", ["StatesLanguage", "JSONCore"]),
        tests("StatesInterpreterTests", ["StatesInterpreter", "StatesLanguage", "JSONCore", "TimeSource"]),
        tests("ScheduleExpressionsTests", ["ScheduleExpressions", "TimeSource"]),
        tests("EventPatternsTests", ["EventPatterns", "JSONCore", "TimeSource"]),
        tests("LogFiltersTests", ["LogFilters"]),
        tests("ConfigQueriesTests", ["ConfigQueries", "JSONCore"]),
        tests("YAMLReadingTests", ["JSONCore", "YAMLReading"]),
        tests("AWSProtocolsTests", ["AWSProtocols", "JSONCore"]),
        tests("RequestSigningTests", ["RequestSigning", "TimeSource"]),
        tests("APIModelsTests", ["APIModels", "AWSProtocols", "JSONCore", "TimeSource"]),
        tests("LogStorageTests", ["LogStorage", "Threading", "TimeSource"]),
        tests("ObjectStorageTests", ["CObjectFiles", "DatabaseSQLite", "ObjectStorage", "Store", "TimeSource", logging]),
        tests("SecretEncryptionTests", ["SecretEncryption", "TimeSource"]),
        tests("BackupFilesTests", ["BackupFiles", "JSONCore", "TimeSource"]),
        tests("SMTPMailTests", ["SMTPMail", nioCore, nioPosix, nioSSL]),
        tests(
            "FunctionRuntimesTests",
            ["FunctionRuntimes", "TimeSource", lifecycle, logging, nioCore, nioEmbedded, nioHTTP1, nioPosix]),
        tests("FunctionCodeTests", ["CZlib", "FunctionCode", "TimeSource"]),
        tests(
            "EngineTests",
            [
                "APIModels", "AWSProtocols", "AgentProtocol", "DatabaseSQLite", "Engine", "EventPatterns", "Integrations", "JSONCore",
                "SMTPMail", "ScheduleExpressions", "Services", "StatesInterpreter", "StatesLanguage", "Store", "TestSupport",
                "TimeSource", lifecycle, logging, nioCore, nioPosix,
            ]),
        tests(
            "ServicesTests",
            [
                "APIModels", "AWSProtocols", "AgentProtocol", "ByteCoding", "DatabaseSQLite", "Engine", "FunctionCode", "FunctionRuntimes", "JSONCore",
                "LogStorage", "ObjectStorage", "SecretEncryption", "Services", "Store", "TimeSource", lifecycle, logging,
            ]),
        tests(
            "APIServerTests",
            [
                "APIServer", "APIModels", "AWSProtocols", "RequestSigning", "Services", "TimeSource", hummingbird, httpTypes, logging,
                nioCore, nioEmbedded,
            ]),
        tests(
            "AgentGatewayTests",
            [
                "AWSProtocols", "AgentGateway", "AgentProtocol", "ByteCoding", "DatabaseSQLite", "Engine", "LogStorage", "Services",
                "Store", "TestSupport", "TimeSource", crypto, logging,
            ]),
        tests("AdminCLITests", ["AdminCLI", "JSONCore", "RequestSigning", "StatesLanguage", "TimeSource", argumentParser]),
        tests("AgentProtocolTests", ["AgentProtocol", "JSONCore"]),
        tests(
            "AgentTests",
            [
                "Agent", "AgentProtocol", "ByteCoding", "CSpawn", "JSONCore", "TimeSource", crypto, lifecycle, logging, nioCore,
                nioHTTP1, nioPosix,
            ]),
    ]
)

// What measures the engine without HTTP, and light agents: no products, and built by `make bench` alone, so that builds and tests do without it.
if Context.environment["NIGHTSHIFT_BENCHMARKS"] != nil {
    package.targets.append(
        .executableTarget(
            name: "EngineBenchmark",
            dependencies: [
                "CSQLite", "DatabaseSQLite", "Engine", "JSONCore", "StatesInterpreter", "StatesLanguage", "Store", "Threading",
                "TimeSource", lifecycle, logging,
            ], path: "Benchmarks/EngineBenchmark", swiftSettings: settings))
    package.targets.append(
        .executableTarget(
            name: "AgentFleet",
            dependencies: [
                "AgentProtocol", "ByteCoding", "RequestSigning", "TimeSource", asyncHTTPClient, crypto, nioCore, nioHTTP1, nioPosix,
            ], path: "Benchmarks/AgentFleet", swiftSettings: settings))
    package.targets.append(
        .executableTarget(
            name: "JSONataBenchmark", dependencies: ["JSONCore", "JSONata"], path: "Benchmarks/JSONataBenchmark", swiftSettings: settings))
}

// How the tests are built for Scripts/sanitize. nightshift-run is static, which a sanitizer cannot be, so tests start the plain one.
if let sanitizer = Context.environment["NIGHTSHIFT_SANITIZE"] {
    package.targets.removeAll { $0.name == "CSupervisor" }
    package.products.removeAll { $0.name == "nightshift-run" }
    if sanitizer == "thread" {
        for target in package.targets where target.type == .test { target.dependencies.append("CThreadSanitizer") }
        package.targets.append(.target(name: "CThreadSanitizer", path: "Tests/CThreadSanitizer"))
    }
}

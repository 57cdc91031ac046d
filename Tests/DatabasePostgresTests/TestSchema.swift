import DatabasePostgres
import Foundation
import Logging
import Store
import Testing

/// An empty schema of a test's own on the server that `NIGHTSHIFT_TEST_POSTGRES` names. `Scripts/run-tests` starts one.
struct TestSchema {
    /// The server's URL, nil when there is none: then these tests are skipped.
    static let server = ProcessInfo.processInfo.environment["NIGHTSHIFT_TEST_POSTGRES"]

    /// The condition of every suite that needs the server.
    static let isThere: ConditionTrait = .enabled(
        if: server != nil, "NIGHTSHIFT_TEST_POSTGRES names no server; `make test` and `Scripts/postgresql` start one")

    let name: String

    /// So many tests have a schema at a time: the server's connections are limited, and tests start all at once.
    private static let places = Places(16)

    /// Runs `body` on a schema that is removed afterwards.
    static func with(_ body: (TestSchema) async throws -> Void) async throws {
        await places.take()
        let result: Result<Void, any Error>
        do {
            try await onSchema(body)
            result = .success(())
        } catch {
            result = .failure(error)
        }
        await places.giveBack()
        try result.get()
    }

    private static func onSchema(_ body: (TestSchema) async throws -> Void) async throws {
        let schema = TestSchema(name: "test_" + UUID().uuidString.lowercased().replacing("-", with: ""))
        let administrator = try await TestSchema.open(try #require(server))
        try await administrator.apply([Statement("CREATE SCHEMA \(schema.name)")])
        let result: Result<Void, any Error>
        do {
            try await body(schema)
            result = .success(())
        } catch {
            result = .failure(error)
        }
        try await administrator.apply([Statement("DROP SCHEMA \(schema.name) CASCADE")])
        await administrator.close()
        try result.get()
    }

    /// The server's port.
    var serverPort: UInt16 {
        get throws {
            let server = try #require(TestSchema.server)
            return UInt16(try #require(URLComponents(string: server)?.port))
        }
    }

    /// The URL of a server whose unqualified names mean this schema.
    func url(port: UInt16? = nil) throws -> String {
        let server = try #require(TestSchema.server)
        var components = try #require(URLComponents(string: server))
        if let port { components.port = Int(port) }
        return components.string.map { "\($0)?sslmode=disable&options=-csearch_path%3D\(name)" } ?? ""
    }

    /// Opens the schema, through a proxy's port if one is given.
    func open(port: UInt16? = nil, reconnections: Int = 20) async throws -> PostgresDatabase {
        try await TestSchema.open(try url(port: port), reconnections: reconnections)
    }

    /// Opens what a URL names.
    static func open(_ url: String, reconnections: Int = 20) async throws -> PostgresDatabase {
        var configuration = PostgresConfiguration(url: try PostgresURL(url))
        configuration.readers = 2
        configuration.reconnections = reconnections
        return try await PostgresDatabase.open(configuration, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }
}

/// A number of places, taken and given back in turn.
private actor Places {
    private var free: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(_ count: Int) {
        free = count
    }

    func take() async {
        guard free == 0 else {
            free -= 1
            return
        }
        await withCheckedContinuation { waiting.append($0) }
    }

    func giveBack() {
        if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() }
    }
}

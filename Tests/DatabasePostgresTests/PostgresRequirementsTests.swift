import DatabasePostgres
import Foundation
import Store
import Testing

/// A server that would not keep the store's promises is refused, in words that say what to change and show no password.
@Suite("PostgreSQL, requirements", TestSchema.isThere) struct PostgresRequirementsTests {
    private static func refusal(_ url: String) async throws -> String {
        let error = await #expect(throws: StoreError.self) { try await TestSchema.open(url) }
        #expect(error?.code == .unavailable)
        #expect(error?.outcome == .notApplied)
        let password = try #require(URLComponents(string: url)?.password)
        #expect(error?.detail.contains(password) == false)
        return error?.detail ?? ""
    }

    @Test(arguments: [
        ("ENCODING 'UTF8' LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8'", "collation is C.UTF-8"),
        ("ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C'", "encoding is SQL_ASCII"),
    ]) func aDatabaseOfAnotherOrderOrEncodingIsRefused(_ options: String, _ words: String) async throws {
        try await TestSchema.with { schema in
            // CREATE DATABASE runs in no transaction, so the program of PostgreSQL's users does it.
            try Self.psql(schema, "CREATE DATABASE \(schema.name) TEMPLATE template0 \(options)")
            var components = try #require(URLComponents(string: try schema.url()))
            components.path = "/" + schema.name
            components.query = nil
            let detail = try await Self.refusal(components.string ?? "")
            #expect(detail.contains(words))
            try Self.psql(schema, "DROP DATABASE \(schema.name)")
        }
    }

    @Test func commitsThatAreNotSynchronisedAreRefused() async throws {
        try await TestSchema.with { schema in
            for value in ["off", "local", "remote_write"] {
                let detail = try await Self.refusal(try schema.url() + "%20-csynchronous_commit%3D" + value)
                #expect(detail.contains("synchronous_commit is \(value)"))
            }
        }
    }

    @Test func aServerThatIsNotThereIsNamed() async throws {
        try await TestSchema.with { schema in
            let proxy = try CuttingProxy(server: 1)
            proxy.close()
            let detail = try await Self.refusal(try schema.url(port: proxy.port))
            #expect(detail.contains("127.0.0.1:\(proxy.port)"))
        }
    }

    @Test func aWrongPasswordIsSaid() async throws {
        try await TestSchema.with { schema in
            var components = try #require(URLComponents(string: try schema.url()))
            components.password = "wrong-word"
            let detail = try await Self.refusal(components.string ?? "")
            #expect(detail.contains("password authentication failed"))
        }
    }

    private static func psql(_ schema: TestSchema, _ sql: String) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["psql", "--quiet", "--no-psqlrc", "--command", sql, try schema.url()]
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
    }
}

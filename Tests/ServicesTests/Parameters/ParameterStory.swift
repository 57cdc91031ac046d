import AWSProtocols
import DatabaseSQLite
import Foundation
import Logging
import SecretEncryption
import Store
import TimeSource

@testable import Services

/// A parameter service with the tag operations, over a database of its own.
final class ParameterStory: Sendable {
    static let account = "000000000000"
    static let region = "us-east-1"

    let database: SQLiteDatabase
    let clock = ManualClock()
    private let directory: String
    private let registry: OperationRegistry

    init() async throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "nightshift-parameters-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        database = try await SQLiteDatabase.open(path: directory + "/nightshift.db")
        try await Migrator.migrate(database)
        let vault = try SecretVault(
            masterKeyFile: directory + "/master.key", store: AccountDataKeys(database: database), random: SeededRandomSource(seed: 7))
        let service = ParameterService(database: database, vault: vault)
        var registry = OperationRegistry()
        service.register(in: &registry)
        SystemsManagerTagService(database: database, kinds: [service.taggableResource]).register(in: &registry)
        self.registry = registry
    }

    deinit {
        try? FileManager.default.removeItem(atPath: directory)
    }

    static func context(account: String = ParameterStory.account, at time: Timestamp = .epoch) -> RequestContext {
        RequestContext(
            requestID: "r", account: account, region: region,
            principal: Principal(accessKeyID: "AKIA", arn: "arn:aws:iam::\(account):user/admin", name: "admin"), receivedAt: time,
            endpoint: "http://nightshift:7070", logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
    }

    /// Calls an operation as a user of an account.
    @discardableResult
    func call(_ operation: String, _ input: APIStructure, account: String = ParameterStory.account) async throws -> APIStructure {
        guard let entry = registry.entry(service: "ssm", operation: operation) else { throw APIError.unknownOperation(operation) }
        return try await entry.handler(ParameterStory.context(account: account, at: clock.now), input)
    }

    /// The code of the error of a call that must fail.
    func error(_ operation: String, _ input: APIStructure, account: String = ParameterStory.account) async -> String? {
        do {
            _ = try await call(operation, input, account: account)
            return nil
        } catch {
            return (error as? APIError)?.code ?? "\(error)"
        }
    }

    /// Puts a parameter; answers its version.
    @discardableResult
    func put(_ name: String, _ value: String, _ more: APIStructure = [:]) async throws -> Int64? {
        var input: APIStructure = ["Name": .string(name), "Value": .string(value), "Type": "String"]
        for member in more.members { input[member.name] = member.value }
        return try await call("PutParameter", input).integer("Version")
    }

    /// The value that GetParameter shows, decrypted unless said otherwise.
    func value(_ name: String, decrypted: Bool = true) async throws -> String? {
        try await call("GetParameter", ["Name": .string(name), "WithDecryption": .bool(decrypted)])
            .structure("Parameter")?.string("Value")
    }

    /// The names on one page of a listing, and the token of the next page.
    func names(_ operation: String, _ input: APIStructure = [:]) async throws -> (names: [String], token: String?) {
        let output = try await call(operation, input)
        return (output.structures("Parameters").compactMap { $0.string("Name") }, output.string("NextToken"))
    }
}

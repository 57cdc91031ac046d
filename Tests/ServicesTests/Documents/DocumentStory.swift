import AWSProtocols
import DatabaseSQLite
import Foundation
import JSONCore
import Logging
import Store
import TimeSource

@testable import Services

/// A document service with the tag operations, over a database of its own.
final class DocumentStory: Sendable {
    static let account = "000000000000"
    static let other = "111111111111"

    let database: SQLiteDatabase
    private let directory: String
    private let registry: OperationRegistry

    init() async throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "nightshift-documents-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        database = try await SQLiteDatabase.open(path: directory + "/nightshift.db")
        try await Migrator.migrate(database)
        let service = DocumentService(database: database)
        var registry = OperationRegistry()
        service.register(in: &registry)
        SystemsManagerTagService(database: database, kinds: [service.taggable]).register(in: &registry)
        self.registry = registry
    }

    deinit {
        try? FileManager.default.removeItem(atPath: directory)
    }

    /// A document of one step that prints a text.
    static func content(_ text: String) -> String {
        """
        {"schemaVersion": "2.2", "description": "prints \(text)", "mainSteps": [
            {"action": "aws:runShellScript", "name": "print", "inputs": {"runCommand": ["echo \(text)"]}}]}
        """
    }

    /// Calls an operation as a user of an account.
    @discardableResult
    func call(_ operation: String, _ input: APIStructure, account: String = DocumentStory.account) async throws -> APIStructure {
        guard let entry = registry.entry(service: "ssm", operation: operation) else { throw APIError.unknownOperation(operation) }
        let context = RequestContext(
            requestID: "r", account: account, region: "us-east-1",
            principal: Principal(accessKeyID: "AKIA", arn: "arn:aws:iam::\(account):user/admin", name: "admin"),
            receivedAt: Timestamp(milliseconds: 1_700_000_000_000), endpoint: "http://nightshift:7070",
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        return try await entry.handler(context, input)
    }

    /// The code of the error of a call that must fail.
    func error(_ operation: String, _ input: APIStructure, account: String = DocumentStory.account) async -> String? {
        do {
            _ = try await call(operation, input, account: account)
            return nil
        } catch {
            return (error as? APIError)?.code ?? "\(error)"
        }
    }

    /// Creates a document; answers its description.
    @discardableResult
    func create(_ name: String, _ content: String, _ more: APIStructure = [:]) async throws -> APIStructure? {
        var input: APIStructure = ["Name": .string(name), "Content": .string(content), "DocumentType": "Command"]
        for member in more.members { input[member.name] = member.value }
        return try await call("CreateDocument", input).structure("DocumentDescription")
    }

    /// Adds a version; answers its description.
    @discardableResult
    func update(_ name: String, _ content: String, _ more: APIStructure = [:]) async throws -> APIStructure? {
        var input: APIStructure = ["Name": .string(name), "Content": .string(content), "DocumentVersion": "$LATEST"]
        for member in more.members { input[member.name] = member.value }
        return try await call("UpdateDocument", input).structure("DocumentDescription")
    }

    /// What SendCommand would find.
    func find(_ name: String, version: String? = nil, account: String = DocumentStory.account) async throws -> CommandDocument {
        try await database.read { try DocumentCatalogue.find(name, version: version, account: account, in: $0) }
    }
}

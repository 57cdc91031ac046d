import AWSProtocols
import DatabaseSQLite
import Foundation
import Logging
import SecretEncryption
import Store
import Testing
import TimeSource

@testable import Services

/// A connection service over a database of its own.
private final class ConnectionStory: Sendable {
    static let account = "000000000000"

    let vault: ConnectionVault
    private let clock = ManualClock()
    private let directory: String
    private let registry: OperationRegistry

    init() async throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "nightshift-connections-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let database = try await SQLiteDatabase.open(path: directory + "/nightshift.db")
        try await Migrator.migrate(database)
        let secrets = try SecretVault(
            masterKeyFile: directory + "/master.key", store: AccountDataKeys(database: database), random: SeededRandomSource(seed: 7))
        vault = ConnectionVault(database: database, vault: secrets)
        var registry = OperationRegistry()
        ConnectionService(
            database: database, vault: secrets, clock: clock,
            identifiers: IdentifierSource(clock: clock, random: SeededRandomSource(seed: 9))
        ).register(in: &registry)
        self.registry = registry
    }

    deinit {
        try? FileManager.default.removeItem(atPath: directory)
    }

    @discardableResult
    func call(_ operation: String, _ input: APIStructure) async throws -> APIStructure {
        guard let entry = registry.entry(service: "events", operation: operation) else { throw APIError.unknownOperation(operation) }
        let context = RequestContext(
            requestID: "r", account: ConnectionStory.account, region: "us-east-1",
            principal: Principal(accessKeyID: "AKIA", arn: "arn:aws:iam::000000000000:user/admin", name: "admin"), receivedAt: clock.now,
            endpoint: "http://nightshift:7070", logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        return try await entry.handler(context, input)
    }

    func error(_ operation: String, _ input: APIStructure) async -> String? {
        do {
            _ = try await call(operation, input)
            return nil
        } catch {
            return (error as? APIError)?.code ?? "\(error)"
        }
    }
}

@Suite("Connections") struct ConnectionServiceTests {
    private let basic: APIStructure = [
        "Name": "c", "AuthorizationType": "BASIC",
        "AuthParameters": ["BasicAuthParameters": ["Username": "u", "Password": "p"]],
    ]

    @Test func aConnectionIsOpenedByItsARN() async throws {
        let story = try await ConnectionStory()
        let arn = try await story.call("CreateConnection", basic).string("ConnectionArn") ?? ""
        let opened = try await story.vault.open(arn, account: ConnectionStory.account)
        #expect(opened.parameters.type == .basic)
        #expect(opened.parameters.authorization == ["Username": "u", "Password": "p"])
        for other in [arn + "x", "arn:aws:events:us-east-1:111111111111:connection/c/i", "c"] {
            await #expect(throws: ConnectionVault.Fault.notFound) { try await story.vault.open(other, account: ConnectionStory.account) }
        }
    }

    @Test func anUpdateChangesWhatItNames() async throws {
        let story = try await ConnectionStory()
        let arn = try await story.call("CreateConnection", basic).string("ConnectionArn") ?? ""
        let before = try await story.vault.open(arn, account: ConnectionStory.account).key
        try await story.call("UpdateConnection", ["Name": "c", "AuthParameters": ["BasicAuthParameters": ["Password": "q"]]])
        let opened = try await story.vault.open(arn, account: ConnectionStory.account)
        #expect(opened.parameters.authorization == ["Username": "u", "Password": "q"])
        #expect(opened.key != before)
        try await story.call("UpdateConnection", ["Name": "c", "Description": "d"])
        let described = try await story.call("DescribeConnection", ["Name": "c"])
        #expect(described.string("Description") == "d")
        #expect(described.structure("AuthParameters") == ["BasicAuthParameters": ["Username": "u"]])
    }

    @Test func anotherTypeBringsItsOwnParameters() async throws {
        let story = try await ConnectionStory()
        let arn = try await story.call("CreateConnection", basic).string("ConnectionArn") ?? ""
        #expect(await story.error("UpdateConnection", ["Name": "c", "AuthorizationType": "API_KEY"]) == "ValidationException")
        try await story.call(
            "UpdateConnection",
            [
                "Name": "c", "AuthorizationType": "API_KEY",
                "AuthParameters": ["ApiKeyAuthParameters": ["ApiKeyName": "k", "ApiKeyValue": "v"]],
            ])
        let opened = try await story.vault.open(arn, account: ConnectionStory.account)
        #expect(opened.parameters.members == ["ApiKeyAuthParameters": ["ApiKeyName": "k", "ApiKeyValue": "v"]])
    }

    @Test func whatIsMissingOrBelongsElsewhereIsRefused() async throws {
        let story = try await ConnectionStory()
        let bad: [APIStructure] = [
            ["Name": "c", "AuthorizationType": "BASIC", "AuthParameters": [:]],
            ["Name": "c", "AuthorizationType": "BASIC", "AuthParameters": ["BasicAuthParameters": ["Username": "u"]]],
            [
                "Name": "c", "AuthorizationType": "API_KEY",
                "AuthParameters": ["BasicAuthParameters": ["Username": "u", "Password": "p"]],
            ],
        ]
        for input in bad { #expect(await story.error("CreateConnection", input) == "ValidationException") }
    }

    @Test func aDeauthorizedConnectionHasNoSecretsAndComesBackWithNewOnes() async throws {
        let story = try await ConnectionStory()
        let arn = try await story.call("CreateConnection", basic).string("ConnectionArn") ?? ""
        try await story.call("DeauthorizeConnection", ["Name": "c"])
        await #expect(throws: ConnectionVault.Fault.notAuthorized(state: "DEAUTHORIZED")) {
            try await story.vault.open(arn, account: ConnectionStory.account)
        }
        try await story.call(
            "UpdateConnection", ["Name": "c", "AuthParameters": ["BasicAuthParameters": ["Username": "u", "Password": "new"]]])
        #expect(try await story.vault.open(arn, account: ConnectionStory.account).parameters.authorization.string("Password") == "new")
    }

    @Test func aListIsReadInPages() async throws {
        let story = try await ConnectionStory()
        for number in 1...5 {
            var input = basic
            input["Name"] = .string("c\(number)")
            try await story.call("CreateConnection", input)
        }
        var names: [String] = []
        var token: APIValue?
        repeat {
            let page = try await story.call("ListConnections", ["NamePrefix": "c", "Limit": 2, "NextToken": token ?? .null])
            names += page.structures("Connections").compactMap { $0.string("Name") }
            token = page["NextToken"]
        } while token?.isNull == false
        #expect(names == ["c1", "c2", "c3", "c4", "c5"])
    }
}

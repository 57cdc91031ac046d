import AWSProtocols
import AgentProtocol
import Engine
import Logging
import Services
import Store
import Synchronization
import TestSupport
import Testing
import TimeSource

@testable import AgentGateway

/// Content for downloadContent steps: who gets what.
@Suite struct ContentTests {
    /// Objects in memory, all of one account.
    private final class Objects: ObjectStore {
        let contents: [String: [UInt8]] = ["scripts/a.sh": Array("echo a".utf8), "scripts/x/b.sh": Array("echo b".utf8), "secret": [1]]

        func read(_ object: ObjectName, from offset: Int64, length: Int, tag: String?) async throws(ObjectStoreError) -> ObjectPiece {
            guard object.bucket == "bucket", object.account == ServerRoom.account else { throw .noSuchBucket(object.bucket) }
            guard let bytes = contents[object.key] else { throw .noSuchKey(object.key) }
            if let tag, tag != "tag" { throw .changed }
            return ObjectPiece(bytes: Array(bytes.dropFirst(Int(offset)).prefix(length)), tag: "tag")
        }

        func list(
            _ bucket: String, account: String, prefix: String, after key: String?, limit: Int
        ) async throws(ObjectStoreError) -> [ListedObject] {
            contents.keys.sorted().filter { $0.hasPrefix(prefix) && $0 > key ?? "" }
                .map { ListedObject(key: $0, tag: "tag", size: 0, modifiedAt: 0) }
        }

        func put(_ object: ObjectName, contents: [UInt8], contentType: String) async throws(ObjectStoreError) { throw .unavailable }
    }

    private static let keys = EngineKeys(root: [UInt8](repeating: 7, count: 32))

    /// What a request with a grant is answered: status, and the body or the refusal's code.
    private func answer(_ request: ContentRequest, _ grant: String, _ room: ServerRoom) async throws -> (status: Int, text: String) {
        let counter = ContentCounter(objects: Objects(), keys: Self.keys, clock: room.clock)
        let registry = NodeRegistry(
            database: room.database, clock: room.clock, identifiers: IdentifierSource(clock: room.clock, random: SystemRandomSource()),
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        let asked = GatewayRequest(
            method: "GET", path: AgentRoute.content, target: request.target(grant: grant), header: { _ in nil }, body: { _ in [] },
            remoteAddress: nil)
        do {
            switch try await counter.answer(asked, registry: registry) {
            case .content(let bytes, _): return (200, String(decoding: bytes, as: UTF8.self))
            case .message(let status, let body): return (status, String(decoding: body, as: UTF8.self))
            case .work: return (0, "")
            }
        } catch let refusal as Refusal {
            return (refusal.code.status, refusal.code.rawValue)
        }
    }

    private func grant(_ key: String, _ node: String, expiresAt: Int64 = .max, keys: EngineKeys = ContentTests.keys) throws -> String {
        ContentGrant(
            account: ServerRoom.account, node: node, attempt: try AgentDouble.attempt("c"),
            source: ContentSource(bucket: "bucket", key: key), expiresAtMilliseconds: expiresAt
        ).text(keys)
    }

    @Test("a grant opens its object or its folder and nothing else, for as long as it and its node are valid")
    func grants() async throws {
        let room = try await ServerRoom()
        let node = try await room.enrolledAgent().instance
        let object = try grant("scripts/a.sh", node)
        #expect(try await answer(.piece(key: "scripts/a.sh", offset: 0, tag: nil), object, room) == (200, "echo a"))
        #expect(try await answer(.piece(key: "scripts/a.sh", offset: 5, tag: "tag"), object, room) == (200, "a"))
        #expect(try await answer(.piece(key: "scripts/a.sh", offset: 6, tag: "tag"), object, room) == (200, ""))
        #expect(try await answer(.piece(key: "scripts/a.sh", offset: 0, tag: "other"), object, room).status == 409)
        #expect(try await answer(.piece(key: "secret", offset: 0, tag: nil), object, room).status == 401)
        #expect(try await answer(.list(after: nil), object, room).status == 401)
        let folder = try grant("scripts/", node)
        #expect(try await answer(.list(after: nil), folder, room) == (200, #"{"keys":["scripts/a.sh","scripts/x/b.sh"]}"#))
        #expect(try await answer(.list(after: "scripts/x/b.sh"), folder, room) == (200, #"{"keys":[]}"#))
        #expect(try await answer(.piece(key: "scripts/x/b.sh", offset: 0, tag: nil), folder, room) == (200, "echo b"))
        #expect(try await answer(.piece(key: "secret", offset: 0, tag: nil), folder, room).status == 401)
        #expect(try await answer(.piece(key: "missing", offset: 0, tag: nil), grant("missing", node), room).status == 404)
        // Forged, expired, of another server, of an unknown node.
        let forged = try grant("secret", node, keys: EngineKeys(root: [UInt8](repeating: 8, count: 32)))
        #expect(try await answer(.piece(key: "secret", offset: 0, tag: nil), forged, room).status == 401)
        let mixed = String(try grant("secret", node).prefix { $0 != "." }) + "." + String(object.drop { $0 != "." }.dropFirst())
        #expect(try await answer(.piece(key: "secret", offset: 0, tag: nil), mixed, room).status == 401)
        let expired = try grant("secret", node, expiresAt: room.clock.now.milliseconds)
        #expect(try await answer(.piece(key: "secret", offset: 0, tag: nil), expired, room).status == 401)
        #expect(try await answer(.piece(key: "secret", offset: 0, tag: nil), grant("secret", "mi-0"), room).status == 403)
        _ = try await room.call("DeregisterManagedInstance", ["InstanceId": .string(node)])
        #expect(try await answer(.piece(key: "scripts/a.sh", offset: 0, tag: nil), object, room).status == 403)
        await room.remove()
    }

    @Test("a go carries a grant for each download, and is refused for content that is not in S3")
    func granting() async throws {
        let room = try await ServerRoom(hooks: CommandHooks(goPreparers: [ContentGranting(keys: Self.keys, clock: ManualClock())]))
        let steps = [
            PluginStep(name: "script", commands: ["true"]),
            PluginStep(
                name: "download", action: "aws:downloadContent", commands: [],
                download: ContentDownload(sourceType: "S3", path: "https://s3.amazonaws.com/bucket/scripts/", destination: "/opt")),
        ]
        let granting = ContentGranting(keys: Self.keys, clock: room.clock)
        var agent = try await room.enrolledAgent()
        try await agent.greet()
        let command = try await room.send("true", to: [agent.instance])
        let record = try #require(
            try await room.database.read { transaction in
                try CommandStore.number(ofID: command, in: transaction).flatMap { try CommandStore.find(number: $0, in: transaction)?.record }
            })
        let attempt = try AgentDouble.attempt(command)
        let prepared = try await granting.prepare(steps, for: attempt, of: record, on: agent.instance)
        #expect(prepared[0] == steps[0])
        let grant = try #require(prepared[1].download?.grant.flatMap { ContentGrant($0, Self.keys) })
        #expect(grant.source == ContentSource(bucket: "bucket", key: "scripts/"))
        #expect(grant.account == ServerRoom.account && grant.node == agent.instance && grant.attempt == attempt)
        #expect(grant.expiresAtMilliseconds == room.clock.now.milliseconds + 3_600_000 + 2 * 3_600_000)
        var elsewhere = steps
        elsewhere[1].download?.sourceType = "Git"
        do {
            _ = try await granting.prepare(elsewhere, for: attempt, of: record, on: agent.instance)
            Issue.record("content that is not in S3 is refused")
        } catch let refusal as GoRefused {
            #expect(refusal.reason.contains("Git"))
        }
        await room.remove()
    }
}

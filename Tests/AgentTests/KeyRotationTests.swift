import AgentProtocol
import ByteCoding
import Crypto
import JSONCore
import Logging
import Testing
import TimeSource

@testable import Agent

/// The agent's key is replaced, whatever is lost or dies in between.
@Suite struct KeyRotationTests {
    private let directory = TemporaryDirectory()
    private let server = ServerDouble()

    private var path: String { "\(directory.path)/agent" }

    private var configuration: AgentConfiguration {
        var configuration = AgentConfiguration(serverURL: "http://127.0.0.1:1", dataDirectory: path)
        configuration.activationID = "activation"
        configuration.activationCode = "right"
        configuration.reconnectDelay = .milliseconds(5) ... .milliseconds(20)
        configuration.inventoryDelay = .zero
        return configuration
    }

    private func withAgent<Result: Sendable>(
        rotatesAfter: Duration? = .seconds(30 * 86_400), _ body: @Sendable (ServerDouble) async throws -> Result
    ) async throws -> Result {
        var configuration = configuration
        configuration.keyRotation = rotatesAfter
        let service = AgentService(
            configuration: configuration, logger: Logger(label: "agent") { _ in SwiftLogNoOpLogHandler() }, clock: LiveClock(),
            random: SystemRandomSource(), makeLink: { [server] in server })
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                do {
                    try await service.run()
                } catch {
                    Issue.record(error)
                    await server.giveUp()
                }
            }
            let result = try await body(server)
            group.cancelAll()
            return result
        }
    }

    private func stored() throws -> AgentIdentity { try DataDirectory(path: path).identity() }

    @Test("a request for a new key is fulfilled in a session, and the next session is signed by it")
    func onDemand() async throws {
        let keys = try await withAgent { server in
            await server.until { $0.isConnected }
            try KeyRotationRequest.make(in: path)
            await server.until { $0.sessionKeys.count == 2 && $0.isConnected }
            return await server.sessionKeys
        }
        #expect(keys[0] != keys[1])
        #expect(await server.announcedKeys == [keys[1]])
        #expect(!KeyRotationRequest.isPending(in: path))
        #expect(try stored().publicKeyText() == keys[1])
    }

    @Test("a key that is old enough is replaced once, and a younger one is not")
    func byAge() async throws {
        try await withAgent { server in
            await server.until { $0.isConnected }
            let attempt = await server.order("first", "true")
            _ = await server.outcome(of: attempt)
        }
        #expect(await server.announcedKeys.isEmpty)
        var old = try stored().json
        old = JSONValue.object(JSONObject((old.object?.members ?? []).map { $0.key == "keyMadeAt" ? ($0.key, 1) : ($0.key, $0.value) }))
        try DataDirectory(path: path).store(try AgentIdentity(json: old))
        try await withAgent { server in
            await server.until { $0.sessionKeys.count == 3 && $0.isConnected }
            let attempt = await server.order("second", "true")
            _ = await server.outcome(of: attempt)
        }
        #expect(await server.announcedKeys.count == 1)
    }

    @Test("a lost announcement and a lost answer are made good with the same key", arguments: [(2, 0), (0, 2), (1, 1)])
    func lost(requests: Int, replies: Int) async throws {
        await server.loseKey(requests: requests, replies: replies)
        try await withAgent { server in
            await server.until { $0.isConnected }
            try KeyRotationRequest.make(in: path)
            await server.until { $0.isConnected && Set($0.sessionKeys).count == 2 }
        }
        let announced = await server.announcedKeys
        #expect(announced.count == replies + 1)
        #expect(Set(announced).count == 1)
        #expect(try stored().publicKeyText() == announced.first)
    }

    @Test("a rotation that was cut off after its key was stored goes on at the next start, with that key")
    func cutOffAfterStoring() async throws {
        try await withAgent { await $0.until { $0.isConnected } }
        let prepared = try stored().preparingRotation()
        try DataDirectory(path: path).store(prepared)
        try await withAgent { server in await server.until { $0.isConnected && Set($0.sessionKeys).count == 2 } }
        #expect(await server.announcedKeys == [try #require(try prepared.keyRequest()).publicKey])
        #expect(try stored().isRotating == false)
    }

    @Test("a server that was restored from a backup of before the rotation is spoken to by the former key, and gets the newer one again")
    func restoredServer() async throws {
        try await withAgent { await $0.until { $0.isConnected } }
        let former = try stored()
        let rotated = former.preparingRotation().rotated(atMilliseconds: LiveClock().now.milliseconds)
        try DataDirectory(path: path).store(rotated)
        await server.goBack(toKey: try former.publicKeyText())
        try await withAgent { server in await server.until { $0.isConnected && $0.sessionKeys.count == 3 } }
        let newer = try rotated.publicKeyText()
        #expect(await server.sessionKeys == [try former.publicKeyText(), try former.publicKeyText(), newer])
        #expect(await server.announcedKeys == [newer])
        #expect(try stored().publicKeyText() == newer)
    }

    @Test("a request that was fulfilled before it could be deleted is not fulfilled again")
    func fulfilledRequest() async throws {
        try await withAgent { await $0.until { $0.isConnected } }
        try KeyRotationRequest.make(in: path)
        let rotated = try stored().preparingRotation().rotated(atMilliseconds: LiveClock().now.milliseconds + 10)
        try DataDirectory(path: path).store(rotated)
        try await withAgent { server in
            await server.until { $0.isConnected }
            let attempt = await server.order("after", "true")
            _ = await server.outcome(of: attempt)
        }
        #expect(await server.announcedKeys.isEmpty)
        #expect(!KeyRotationRequest.isPending(in: path))
    }

    @Test("an identity keeps all its keys in its file, and one of before there were several reads as it was")
    func form() throws {
        var identity = AgentIdentity(madeAtMilliseconds: 5)
        identity.instanceID = "mi-0"
        let rotating = identity.preparingRotation()
        #expect(try AgentIdentity(json: rotating.json) == rotating)
        #expect(rotating.preparingRotation() == rotating)
        let rotated = rotating.rotated(atMilliseconds: 9)
        #expect(try AgentIdentity(json: rotated.json) == rotated)
        #expect(try rotated.publicKeyText() == rotating.keyRequest()?.publicKey)
        #expect(rotated.keyMadeAtMilliseconds == 9)
        // Back to the former key, the newer one to be announced again.
        let before = try #require(rotated.beforeLastRotation())
        #expect(try before.publicKeyText() == identity.publicKeyText())
        #expect(try before.keyRequest()?.publicKey == rotated.publicKeyText())
        let oldForm: JSONValue = ["version": 1, "instanceId": "mi-0", "privateKey": .text(Base64.text([UInt8](repeating: 1, count: 32)))]
        #expect(try AgentIdentity(json: oldForm).isRotating == false)
        #expect(try AgentIdentity(json: oldForm).instanceID == "mi-0")
    }

    @Test("the proof of a new key is by that key, over the instance and the key")
    func proof() throws {
        var identity = AgentIdentity()
        identity.instanceID = "mi-1"
        let request = try #require(try identity.preparingRotation().keyRequest())
        let key = try Curve25519.Signing.PublicKey(rawRepresentation: try #require(Base64.decode(Array(request.publicKey.utf8))))
        let proof = try #require(Base64.decode(Array(request.proof.utf8)))
        #expect(key.isValidSignature(proof, for: KeyRequest.proofText(instance: "mi-1", publicKey: request.publicKey)))
        #expect(!key.isValidSignature(proof, for: KeyRequest.proofText(instance: "mi-2", publicKey: request.publicKey)))
    }
}

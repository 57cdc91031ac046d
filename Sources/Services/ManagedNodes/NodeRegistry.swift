import AWSProtocols
package import AgentProtocol
import JSONCore
package import Logging
package import Store
package import TimeSource

/// The nodes as agents know it: who enrols, who is who, and which incarnation of it.
package final class NodeRegistry: Sendable {
    private let database: any Database
    private let clock: any ClockSource
    private let identifiers: IdentifierSource
    private let logger: Logger

    /// A registry over the store.
    package init(database: any Database, clock: any ClockSource, identifiers: IdentifierSource, logger: Logger) {
        self.database = database
        self.clock = clock
        self.identifiers = identifiers
        self.logger = logger
    }

    // MARK: Enrolling

    /// Enrols a host by an activation. The same key again is the same node and counts once.
    /// - Parameter publicKey: the key that the request was proved to be signed with.
    /// - Throws: `Refusal`.
    package func enrol(_ request: RegistrationRequest, publicKey: [UInt8]) async throws -> RegistrationReply {
        guard let version = ProtocolVersion.negotiate(offered: request.protocolVersions) else {
            throw Refusal(code: .unsupportedProtocol, message: "no protocol version in common")
        }
        // Twice when two requests with the same key race: the slower one finds the other's node.
        for _ in 0..<2 {
            let read = try await database.read { transaction in
                (
                    node: try ManagedNodeStore.find(publicKey: publicKey, in: transaction),
                    activation: try ActivationStore.find(request.activationID, in: transaction),
                    tags: try ActivationStore.find(request.activationID, in: transaction).map { activation in
                        try TagStore.tags(of: activation.id, account: activation.account, in: transaction)
                    } ?? []
                )
            }
            if let node = read.node {
                guard node.activation == request.activationID, node.state == .active else { throw NodeRegistry.invalidActivation }
                return RegistrationReply(instanceID: node.id, protocolVersion: version)
            }
            let now = clock.now
            guard let activation = read.activation, activation.expiresAt > now,
                activation.registrations < activation.registrationLimit,
                NodeRegistry.isEqual(activation.codeHash, ActivationService.hash(of: request.activationCode))
            else { throw NodeRegistry.invalidActivation }
            let node = ManagedNodeRecord(
                id: identifiers.managedNodeID(), account: activation.account, activation: activation.id, publicKey: publicKey,
                name: activation.defaultName, role: activation.role, facts: request.facts.bytes,
                toldTags: NodeRegistry.encode(request.tags), lastPingAt: now, registeredAt: now,
                platformType: request.facts.platformType, agentVersion: request.facts.agentVersion)
            let tags = read.tags.map { NamedValue(name: $0.key, value: $0.value) } + request.tags
            let batch =
                [ActivationStore.countRegistration(activation.id, at: now), ManagedNodeStore.create(node)]
                + tags.map { TagStore.set($0.name, to: $0.value, of: node.id, account: node.account) }
            guard try await database.applyUnlessConflict(batch) else { continue }
            logger.info("node enrolled", metadata: ["instance-id": "\(node.id)", "activation-id": "\(activation.id)"])
            return RegistrationReply(instanceID: node.id, protocolVersion: version)
        }
        throw NodeRegistry.invalidActivation
    }

    /// What is wrong is not told apart, so that nothing can be probed.
    private static let invalidActivation = Refusal(
        code: .invalidActivation, message: "the activation id or code is not valid, expired or used up")

    /// In a time that does not depend on where they differ.
    private static func isEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        guard left.count == right.count else { return false }
        var difference: UInt8 = 0
        for (a, b) in zip(left, right) { difference |= a ^ b }
        return difference == 0
    }

    // MARK: Keys

    /// The key that a node announced and has not used yet; nil when there is none.
    package func nextKey(of node: String) async throws -> [UInt8]? {
        try await database.read { try NodeKeyStore.next(of: node, in: $0) }
    }

    /// Takes a key beside a node's current one. The same one again changes nothing; another one takes the place of the one announced before.
    /// - Throws: `Refusal` when the node's key has changed since it was read.
    package func announce(_ key: [UInt8], of node: ManagedNodeRecord) async throws {
        // Announced once more after it was used, as when the answer was lost.
        guard key != node.publicKey else { return }
        guard try await database.applyUnlessConflict([NodeKeyStore.announce(key, of: node.id, by: node.publicKey)]) else {
            throw Refusal(code: .invalidSignature, message: "the signature is not valid")
        }
        logger.info("a node announced a new key", metadata: ["instance-id": "\(node.id)"])
    }

    /// Makes the announced key the node's only one: a request came that is signed by it.
    /// - Returns: false when it is not the announced one any more, and not the current one either.
    package func adopt(_ key: [UInt8], of node: String) async throws -> Bool {
        if try await database.applyUnlessConflict([NodeKeyStore.adopt(key, of: node)]) {
            logger.info("a node uses its new key", metadata: ["instance-id": "\(node)"])
            return true
        }
        // Two first requests at the same time.
        return try await find(node)?.publicKey == key
    }

    // MARK: Sessions

    /// The node of an id, deregistered ones too; nil when there is none.
    package func find(_ id: String) async throws -> ManagedNodeRecord? {
        try await database.read { try ManagedNodeStore.find(id, in: $0) }
    }

    /// Writes down that a node greets: its facts, its tags where the agent's have changed, its incarnation.
    /// - Throws: `Refusal` with `Quarantined` for a lower incarnation than one seen before.
    package func beginSession(_ request: SessionRequest, of node: ManagedNodeRecord) async throws {
        let told = NodeRegistry.encode(request.tags)
        var batch = [
            ManagedNodeStore.beginSession(
                node.id, incarnation: request.incarnation, facts: request.facts.bytes, platformType: request.facts.platformType,
                agentVersion: request.facts.agentVersion, toldTags: told, at: clock.now)
        ]
        if told != node.toldTags {
            // Only what the agent itself said before is taken back: operators tag nodes too.
            let former = NodeRegistry.names(node.toldTags)
            for name in former where !request.tags.contains(where: { $0.name == name }) {
                batch.append(TagStore.remove(name, of: node.id, account: node.account))
            }
            batch += request.tags.map { TagStore.set($0.name, to: $0.value, of: node.id, account: node.account) }
        }
        guard try await database.applyUnlessConflict(batch) else {
            logger.error(
                "node quarantined: a lower incarnation than one seen before",
                metadata: ["instance-id": "\(node.id)", "incarnation": "\(request.incarnation)"])
            throw Refusal(
                code: .quarantined,
                message: "incarnation \(request.incarnation) is lower than one seen before: the machine was cloned or rolled back")
        }
    }

    private static func encode(_ tags: [NamedValue]) -> [UInt8] {
        JSONWriter.bytes(of: NamedValue.json(tags))
    }

    private static func names(_ toldTags: [UInt8]) -> [String] {
        ((try? JSONParser.parse(toldTags))?.object?.members ?? []).map(\.key.text)
    }
}

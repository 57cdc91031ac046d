import AgentProtocol
import ByteCoding
import Crypto
import Services
import Store
import Synchronization
import TimeSource

/// Checks who sends a request: Ed25519 by the node's key over what `RequestSignature` names, within the clock's skew, each nonce once.
final class RequestCheck: Sendable {
    /// What a request claims before its signature is checked.
    struct Claim: Sendable {
        let signature: RequestSignature
        let bytes: [UInt8]
    }

    private let clock: any ClockSource
    private let registry: NodeRegistry
    private let nonces = Mutex(NonceMemory())
    /// Nonces of requests from before are not known, so requests signed before are not taken.
    private let startedAt: Timestamp

    /// How far ahead of this clock a request's time may be. Agents go by the server's clock once they have heard it, so a request from
    /// the future comes from one that has not; it is told the time and signs again.
    private static let mostAhead: Int64 = 250

    init(clock: any ClockSource, registry: NodeRegistry) {
        self.clock = clock
        self.registry = registry
        startedAt = clock.now
    }

    /// Reads a request's claim and checks its time, before a byte of its body is read.
    func claim(_ request: GatewayRequest) throws(Refusal) -> Claim {
        guard let signature = RequestSignature(header: request.header),
            let bytes = request.header(RequestSignature.signatureHeader).flatMap({ Base64.decodeCanonical(Array($0.utf8)) }),
            bytes.count == 64
        else { throw RequestCheck.invalidSignature }
        let now = clock.now.milliseconds
        let (difference, overflow) = now.subtractingReportingOverflow(signature.timestampMilliseconds)
        // A clock that was set back must not shut out everybody until it has caught up.
        let isFromBeforeStart = signature.timestampMilliseconds < min(startedAt.milliseconds, now)
        guard !overflow, !isFromBeforeStart, (-RequestCheck.mostAhead...RequestSignature.skewSeconds * 1_000).contains(difference) else {
            throw Refusal(
                code: .clockSkew, message: "the request was not signed within the last five minutes of this server's run",
                serverTimeMilliseconds: now)
        }
        return Claim(signature: signature, bytes: bytes)
    }

    /// The node that a claim names.
    /// - Throws: `InvalidSignature` for an unknown one, `Deregistered` only once the signature has been checked by `verify`.
    func node(of claim: Claim) async throws -> ManagedNodeRecord {
        guard let node = try await registry.find(claim.signature.instance) else { throw RequestCheck.invalidSignature }
        return node
    }

    /// Checks that a request comes from a node: signed by its key, or by the one that it announced, which from then on is its only one.
    /// - Returns: the node, with the key that it uses.
    func verify(
        _ claim: Claim, of request: GatewayRequest, body: [UInt8], node: ManagedNodeRecord
    ) async throws -> ManagedNodeRecord {
        if isSigned(claim, request, body, by: node.publicKey) {
            try noteNonce(of: claim)
            return node
        }
        guard let next = try await registry.nextKey(of: node.id), isSigned(claim, request, body, by: next) else {
            throw RequestCheck.invalidSignature
        }
        try noteNonce(of: claim)
        // Durable before the request does anything.
        guard try await registry.adopt(next, of: node.id), let adopted = try await registry.find(node.id) else {
            throw RequestCheck.invalidSignature
        }
        return adopted
    }

    /// Checks the signature over a whole request by a key that it brings itself, and that it comes for the first time.
    func verify(_ claim: Claim, of request: GatewayRequest, body: [UInt8], publicKey: [UInt8]) throws(Refusal) {
        guard isSigned(claim, request, body, by: publicKey) else { throw RequestCheck.invalidSignature }
        try noteNonce(of: claim)
    }

    /// Whether `proof` is `text` signed by a key.
    static func isProof(_ proof: [UInt8], of text: [UInt8], by publicKey: [UInt8]) -> Bool {
        (try? Curve25519.Signing.PublicKey(rawRepresentation: publicKey))?.isValidSignature(proof, for: text) ?? false
    }

    private func isSigned(_ claim: Claim, _ request: GatewayRequest, _ body: [UInt8], by publicKey: [UInt8]) -> Bool {
        let digest = SHA256.hash(data: body)
        let signed = claim.signature.stringToSign(
            method: request.method, target: request.target, bodyDigest: RequestCheck.hexadecimal(digest))
        return RequestCheck.isProof(claim.bytes, of: signed, by: publicKey)
    }

    /// Only after the signature was checked, so that nobody can use up another's.
    private func noteNonce(of claim: Claim) throws(Refusal) {
        let isNew = nonces.withLock { nonces in
            nonces.insert(
                "\(claim.signature.instance) \(claim.signature.nonce)", at: claim.signature.timestampMilliseconds,
                now: clock.now.milliseconds)
        }
        guard isNew else { throw RequestCheck.invalidSignature }
    }

    private static let invalidSignature = Refusal(code: .invalidSignature, message: "the signature is not valid")

    private static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
        var digits: [UInt8] = []
        for byte in bytes {
            for nibble in [byte >> 4, byte & 0xF] { digits.append(nibble < 10 ? 0x30 + nibble : 0x57 + nibble) }
        }
        return String(decoding: digits, as: UTF8.self)
    }
}

/// The nonces of the last minutes. After a restart it is empty, and requests from before it are refused by their time.
private struct NonceMemory {
    private var current: Set<String> = []
    private var former: Set<String> = []
    private var since: Int64 = 0

    /// Twice the skew: older requests are refused by their time.
    private static let span = RequestSignature.skewSeconds * 2 * 1_000

    /// Remembers a nonce; false when it is known.
    mutating func insert(_ nonce: String, at time: Int64, now: Int64) -> Bool {
        if now - since > NonceMemory.span {
            former = now - since > NonceMemory.span * 2 ? [] : current
            current = []
            since = now
        }
        return !former.contains(nonce) && current.insert(nonce).inserted
    }
}

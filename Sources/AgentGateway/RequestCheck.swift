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

    init(clock: any ClockSource, registry: NodeRegistry) {
        self.clock = clock
        self.registry = registry
    }

    /// Reads a request's claim and checks its time, before a byte of its body is read.
    func claim(_ request: GatewayRequest) throws(Refusal) -> Claim {
        guard let signature = RequestSignature(header: request.header),
            let bytes = request.header(RequestSignature.signatureHeader).flatMap({ Base64.decodeCanonical(Array($0.utf8)) }),
            bytes.count == 64
        else { throw RequestCheck.invalidSignature }
        let now = clock.now.milliseconds
        let (difference, overflow) = now.subtractingReportingOverflow(signature.timestampMilliseconds)
        guard !overflow, difference.magnitude <= UInt64(RequestSignature.skewSeconds * 1_000) else {
            throw Refusal(
                code: .clockSkew, message: "the request's time is more than five minutes off", serverTimeMilliseconds: now)
        }
        return Claim(signature: signature, bytes: bytes)
    }

    /// The node that a claim names.
    /// - Throws: `InvalidSignature` for an unknown one, `Deregistered` only once the signature has been checked by `verify`.
    func node(of claim: Claim) async throws -> ManagedNodeRecord {
        guard let node = try await registry.find(claim.signature.instance) else { throw RequestCheck.invalidSignature }
        return node
    }

    /// Checks the signature over a whole request, and that it comes for the first time.
    func verify(_ claim: Claim, of request: GatewayRequest, body: [UInt8], publicKey: [UInt8]) throws(Refusal) {
        let digest = SHA256.hash(data: body)
        let signed = claim.signature.stringToSign(
            method: request.method, target: request.target, bodyDigest: RequestCheck.hexadecimal(digest))
        guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: publicKey),
            key.isValidSignature(claim.bytes, for: signed)
        else { throw RequestCheck.invalidSignature }
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

/// The nonces of the last minutes. After a restart it is empty; what could be repeated then is idempotent, as everything in the protocol.
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

import AgentProtocol
import ByteCoding
import Crypto
import Synchronization
import TimeSource

/// Signs requests by the identity's key, on the server's clock as far as it is known.
final class RequestSigner: Sendable {
    private let clock: any ClockSource
    private let random: any RandomSource
    private let incarnation: Int64
    /// How far the server's clock is ahead of ours, milliseconds.
    private let ahead = Mutex<Int64>(0)

    init(incarnation: Int64, clock: any ClockSource, random: any RandomSource) {
        self.incarnation = incarnation
        self.clock = clock
        self.random = random
    }

    /// The server said what time it is.
    func noteServerTime(_ milliseconds: Int64) {
        let difference = milliseconds - clock.now.milliseconds
        ahead.withLock { $0 = difference }
    }

    /// All headers of a signed request.
    func headers(
        method: String, target: String, body: [UInt8], identity: AgentIdentity
    ) throws(AgentError) -> [(name: String, value: String)] {
        let isRegistered = identity.instanceID != nil
        let signature = RequestSignature(
            instance: identity.instanceID ?? RequestSignature.unregisteredInstance,
            incarnation: isRegistered ? incarnation : 0,
            timestampMilliseconds: clock.now.milliseconds + ahead.withLock { $0 },
            nonce: hexadecimal(random.bytes(16)))
        let text = signature.stringToSign(
            method: method, target: target, bodyDigest: hexadecimal(SHA256.hash(data: body)))
        guard let signed = try? identity.signingKey().signature(for: text) else { throw .damagedIdentity }
        return signature.headers + [(RequestSignature.signatureHeader, Base64.text(Array(signed)))]
    }
}

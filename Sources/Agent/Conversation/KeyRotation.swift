import AgentProtocol
import Glibc
import Logging
import TimeSource

/// Replaces the agent's key: when it is old enough, when an operator asks for it, and when an earlier attempt was cut off.
///
/// ```
/// store {key, next} ─▶ announce next, signed by key ─▶ store {next, former: key} ─▶ greet anew, signed by next
/// ```
///
/// Whatever dies between two of these, the stored key is one that the server takes: it takes both from the announcement until the first
/// request by the new key, and the agent signs by the new key only once that is stored. Asking again is the same as asking once.
struct KeyRotation: Sendable {
    /// The session's key was replaced; the next session is signed by the new one. Requests by the old key that are still under way would
    /// be refused, so a session does not outlive its key.
    struct Done: Error {
        let identity: AgentIdentity
    }

    /// How often it is looked whether it is time.
    static let lookEvery: Duration = .seconds(1)

    let data: DataDirectory
    let link: any ServerLink
    let clock: any ClockSource
    /// nil for never by itself.
    let after: Duration?
    let logger: Logger

    /// Waits until it is time, and rotates.
    /// - Throws: `Done`; what the link or the data directory throws.
    func run(_ identity: AgentIdentity) async throws {
        while !isDue(identity) { try await clock.sleep(for: Self.lookEvery) }
        try await rotate(identity)
    }

    /// Whether there is a reason to rotate now.
    func isDue(_ identity: AgentIdentity) -> Bool {
        if identity.isRotating { return true }
        if let requestedAt = data.keyRequestedAtMilliseconds() {
            // Not one that was fulfilled before a crash could delete it.
            if requestedAt > identity.keyMadeAtMilliseconds { return true }
            data.forgetKeyRequest()
        }
        guard let after else { return false }
        return clock.now >= Timestamp(milliseconds: identity.keyMadeAtMilliseconds) + after
    }

    private func rotate(_ identity: AgentIdentity) async throws {
        let prepared = try prepared(identity)
        guard let request = try prepared.keyRequest() else { return }
        _ = try await link.announce(request, as: prepared)
        let rotated = prepared.rotated(atMilliseconds: clock.now.milliseconds)
        try data.store(rotated)
        data.forgetKeyRequest()
        logger.info("the key was replaced", metadata: ["instance-id": "\(rotated.instanceID ?? "")"])
        throw Done(identity: rotated)
    }

    /// The identity with a next key that is stored. An earlier session may have stored one and lost its connection before it was answered.
    private func prepared(_ identity: AgentIdentity) throws(AgentError) -> AgentIdentity {
        if identity.isRotating { return identity }
        let stored = try data.identity()
        if stored.isRotating { return stored }
        let prepared = identity.preparingRotation()
        try data.store(prepared)
        return prepared
    }
}

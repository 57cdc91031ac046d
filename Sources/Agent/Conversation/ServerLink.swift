package import AgentProtocol

/// The agent's way to its server. The live one is HTTP; tests put a server in memory in its place.
///
/// Every call throws `Refusal` when the server says no, and other errors when it cannot be reached.
package protocol ServerLink: Sendable {
    /// Enrols with a key of its own.
    func register(_ request: RegistrationRequest, as identity: AgentIdentity) async throws -> RegistrationReply
    /// Begins a session.
    func openSession(_ request: SessionRequest, as identity: AgentIdentity) async throws -> SessionReply
    /// Passes on the work stream's messages until it ends or breaks.
    func readWork(
        session: String, as identity: AgentIdentity, _ receive: @Sendable (ServerMessage) async -> Void
    ) async throws
    /// Delivers a report. When this returns the server has it durably.
    func send(_ report: Report, session: String, as identity: AgentIdentity) async throws -> ReportReply
    /// Tells what is on the host. Answered by what the server wants in full.
    func send(_ inventory: InventoryReport, session: String, as identity: AgentIdentity) async throws -> InventoryReply
    /// Announces a new key, signed by the identity's current one. When this returns the server takes both.
    func announce(_ key: KeyRequest, as identity: AgentIdentity) async throws -> KeyReply
}

/// The paths of the conversation between agent and server, all below `/agent/v1`.
///
/// | Request | Signed | Body | Answer |
/// |---|---|---|---|
/// | `POST register` | with the new key, instance `-` | `RegistrationRequest` | `RegistrationReply` |
/// | `POST session` | yes | `SessionRequest` | `SessionReply` |
/// | `GET work?session=…` | yes | none | 200, endless lines, each a `ServerMessage` |
/// | `POST report?session=…` | yes | `Report` | `ReportReply`; 200 means that all of the report is durable |
/// | `POST inventory?session=…` | yes | `InventoryReport` | `InventoryReply` |
/// | `POST key` | by the old key | `KeyRequest` | `KeyReply`; from then on both keys are valid until the new one is used |
/// | `GET content?…` | by the token in it | none | an object, or the list of a folder's; see `ContentRequest` |
///
/// Any other status carries a `Refusal`. Bodies are JSON, `application/json`; the stream is `application/x-ndjson`.
package enum AgentRoute {
    /// Enrols a host by an activation. Rate-limited by the server.
    package static let register = "/agent/v1/register"
    /// Begins a session; ends an earlier one of the same instance.
    package static let session = "/agent/v1/session"
    /// The stream of work for a session.
    package static let work = "/agent/v1/work"
    /// What the agent has to tell.
    package static let report = "/agent/v1/report"
    /// What is on the host.
    package static let inventory = "/agent/v1/inventory"
    /// Replaces the agent's key.
    package static let key = "/agent/v1/key"
    /// Objects for `aws:downloadContent`; asked by the job, not by the agent.
    package static let content = "/agent/v1/content"
    /// The query parameter that names the session.
    package static let sessionParameter = "session"
}

package import TimeSource

/// An enrolled host as stored.
package struct ManagedNodeRecord: Sendable, Hashable {
    /// Whether the host may talk to the server.
    package enum State: String, Sendable, Hashable {
        case active = "Active"
        /// The row stays, so that the agent is told why it is refused.
        case deregistered = "Deregistered"
    }

    /// `mi-…`.
    package let id: String
    /// The account that it belongs to.
    package let account: String
    /// The activation that it enrolled by; that may be deleted since.
    package let activation: String
    /// Its Ed25519 public key.
    package let publicKey: [UInt8]
    /// The activation's default instance name.
    package let name: String?
    /// Its role, as given.
    package let role: String
    /// What the host says of itself, in the agent's own JSON.
    package let facts: [UInt8]
    /// The tags that the agent was started with, as JSON: changes of them are applied, and what operators tagged stays.
    package let toldTags: [UInt8]
    /// The highest incarnation seen; 0 before the first session.
    package let incarnation: Int64
    /// When it was last heard of, as far as that was written down.
    package let lastPingAt: Timestamp
    /// When it enrolled.
    package let registeredAt: Timestamp
    /// Whether it may talk to the server.
    package let state: State
    /// Since when the node takes nothing new; nil when it does. What runs there, and what it has claimed, is finished.
    package let maintenanceAt: Timestamp?
    /// As whom its jobs run unless their document says otherwise: the JSON of AgentProtocol's `RunAs`; nil when nothing is set.
    package let runAs: [UInt8]?
    /// `PlatformType` of the facts, for filters; empty until a node from an older schema greets.
    package let platformType: String
    /// `AgentVersion` of the facts, for filters; empty until a node from an older schema greets.
    package let agentVersion: String

    /// Whether the node takes nothing new.
    package var maintenance: Bool { maintenanceAt != nil }

    /// A node of these facts.
    package init(
        id: String, account: String, activation: String, publicKey: [UInt8], name: String?, role: String, facts: [UInt8],
        toldTags: [UInt8], incarnation: Int64 = 0, lastPingAt: Timestamp, registeredAt: Timestamp, state: State = .active,
        maintenanceAt: Timestamp? = nil, runAs: [UInt8]? = nil, platformType: String = "", agentVersion: String = ""
    ) {
        self.id = id
        self.account = account
        self.activation = activation
        self.publicKey = publicKey
        self.name = name
        self.role = role
        self.facts = facts
        self.toldTags = toldTags
        self.incarnation = incarnation
        self.lastPingAt = lastPingAt
        self.registeredAt = registeredAt
        self.state = state
        self.maintenanceAt = maintenanceAt
        self.runAs = runAs
        self.platformType = platformType
        self.agentVersion = agentVersion
    }
}

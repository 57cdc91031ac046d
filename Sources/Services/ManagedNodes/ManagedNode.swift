import AWSProtocols
import AgentProtocol
import Engine
import Store
import TimeSource

/// A node as the API shows it: what is stored, and whether it is connected right now.
struct ManagedNode: Sendable {
    /// AWS shows a node as `Inactive` no more; here it is one that nobody has heard of for so long.
    private static let inactiveAfter = Duration.seconds(30 * 86_400)

    let record: ManagedNodeRecord
    let lastPingAt: Timestamp
    /// `Online`, `ConnectionLost` or `Inactive`.
    let pingStatus: String

    init(_ record: ManagedNodeRecord, sessions: NodeSessions, now: Timestamp) {
        self.record = record
        let lastPingAt = max(record.lastPingAt, sessions.heardAt(record.id) ?? record.lastPingAt)
        self.lastPingAt = lastPingAt
        pingStatus =
            if sessions.isOnline(record.id) {
                "Online"
            } else if now - lastPingAt > ManagedNode.inactiveAfter {
                "Inactive"
            } else {
                "ConnectionLost"
            }
    }

    /// What the host says of itself. Parsed when asked for: lists are filtered without it.
    var facts: NodeFacts? { try? NodeFacts(bytes: record.facts) }

    /// What a column of the database holds.
    func value(of column: NodeSearch.Column) -> String {
        switch column {
        case .id: record.id
        case .activation: record.activation
        case .role: record.role
        case .platformType: record.platformType
        case .agentVersion: record.agentVersion
        }
    }

    /// AWS's `InstanceInformation`.
    /// - Parameter agentVersion: the newest agent's, which is the server's own.
    func information(agentVersion: String) -> APIValue {
        let facts = facts
        var members = common(facts)
        members.append("IsLatestVersion", .bool(facts?.agentVersion == agentVersion))
        return .structure(members)
    }

    /// AWS's `InstanceProperty`.
    var property: APIValue {
        let facts = facts
        var members = common(facts)
        members.append("Architecture", .text(orNone: facts?.architecture))
        return .structure(members)
    }

    private func common(_ facts: NodeFacts?) -> APIStructure {
        [
            "InstanceId": .string(record.id), "PingStatus": .string(pingStatus), "LastPingDateTime": .timestamp(lastPingAt.milliseconds),
            "AgentVersion": .text(orNone: facts?.agentVersion), "PlatformType": .text(orNone: facts?.platformType),
            "PlatformName": .text(orNone: facts?.platformName), "PlatformVersion": .text(orNone: facts?.platformVersion),
            "ActivationId": .string(record.activation), "IamRole": .string(record.role),
            "RegistrationDate": .timestamp(record.registeredAt.milliseconds), "ResourceType": "ManagedInstance",
            "Name": .optional(record.name), "IPAddress": .text(orNone: facts?.ipAddress), "ComputerName": .text(orNone: facts?.hostname),
            "SourceId": .string(record.id), "SourceType": "AWS::SSM::ManagedInstance",
        ]
    }
}

extension APIValue {
    /// The text; null when there is none or an empty one: what a host does not know is not shown.
    fileprivate static func text(orNone text: String?) -> APIValue {
        guard let text, !text.isEmpty else { return .null }
        return .string(text)
    }
}

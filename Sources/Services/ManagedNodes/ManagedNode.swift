import AWSProtocols
import AgentProtocol
import Engine
import Store
import TimeSource

/// A node as the API shows it: what is stored, and whether it is connected right now.
struct ManagedNode: Sendable {
    let record: ManagedNodeRecord
    let facts: NodeFacts?
    let isOnline: Bool
    let lastPingAt: Timestamp

    init(_ record: ManagedNodeRecord, sessions: NodeSessions) {
        self.record = record
        facts = try? NodeFacts(bytes: record.facts)
        isOnline = sessions.isOnline(record.id)
        lastPingAt = max(record.lastPingAt, sessions.heardAt(record.id) ?? record.lastPingAt)
    }

    /// `Online` or `ConnectionLost`.
    var pingStatus: String { isOnline ? "Online" : "ConnectionLost" }

    /// AWS's `InstanceInformation`.
    var information: APIValue {
        [
            "InstanceId": .string(record.id), "PingStatus": .string(pingStatus),
            "LastPingDateTime": .timestamp(lastPingAt.milliseconds), "AgentVersion": .optional(facts?.agentVersion),
            "IsLatestVersion": true, "PlatformType": .optional(facts?.platformType), "PlatformName": .optional(facts?.platformName),
            "PlatformVersion": .optional(facts?.platformVersion), "ActivationId": .string(record.activation),
            "IamRole": .string(record.role), "RegistrationDate": .timestamp(record.registeredAt.milliseconds),
            "ResourceType": "ManagedInstance", "Name": .optional(record.name), "IPAddress": .optional(facts?.ipAddress),
            "ComputerName": .optional(facts?.hostname), "SourceId": .string(record.id),
            "SourceType": "AWS::SSM::ManagedInstance",
        ]
    }
}

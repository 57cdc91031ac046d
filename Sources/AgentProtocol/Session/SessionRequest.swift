package import JSONCore

/// The agent's greeting, at its start and after each lost connection.
package struct SessionRequest: WireMessage {
    /// What the spool holds of an attempt.
    package struct SpooledAttempt: WireMessage {
        package enum State: String, Sendable {
            /// Recorded, not started: the agent asks for its `go` again.
            case accepted
            /// Its supervisor lives.
            case running
            /// Over; its output and exit follow by report until the server says `closed`.
            case ended
        }

        package var attempt: AttemptID
        package var state: State

        package init(attempt: AttemptID, state: State) {
            self.attempt = attempt
            self.state = state
        }

        package init(json: JSONValue) throws(WireError) {
            let reader = try WireReader(json)
            attempt = try reader.attempt()
            state = try reader.choice("state")
        }

        package var json: JSONValue { ["attempt": attempt.json, "state": .text(state.rawValue)] }
    }

    /// Grows with each start of the agent and is durable before it is used. The server refuses a lower one than it has
    /// seen (`Quarantined`): the machine was cloned or rolled back.
    package var incarnation: Int64
    /// `/proc/sys/kernel/random/boot_id`.
    package var bootID: String
    package var protocolVersions: [Int]
    package var facts: NodeFacts
    package var tags: [NamedValue]
    /// How many commands the agent runs side by side; the server need not offer more.
    package var capacity: Int
    package var attempts: [SpooledAttempt]

    package init(
        incarnation: Int64, bootID: String, protocolVersions: [Int] = ProtocolVersion.supported, facts: NodeFacts,
        tags: [NamedValue] = [], capacity: Int, attempts: [SpooledAttempt] = []
    ) {
        self.incarnation = incarnation
        self.bootID = bootID
        self.protocolVersions = protocolVersions
        self.facts = facts
        self.tags = tags
        self.capacity = capacity
        self.attempts = attempts
    }

    package init(json: JSONValue) throws(WireError) {
        let reader = try WireReader(json)
        incarnation = try reader.integer("incarnation")
        bootID = try reader.text("bootId")
        protocolVersions = try reader.versions()
        facts = try reader.message("facts")
        tags = try reader.pairs("tags")
        capacity = try reader.int("capacity")
        attempts = try reader.list("attempts") { (value: JSONValue) throws(WireError) in try SpooledAttempt(json: value) }
    }

    package var json: JSONValue {
        [
            "incarnation": .integer(incarnation), "bootId": .text(bootID),
            "protocolVersions": .array(protocolVersions.map { .integer($0) }), "facts": facts.json,
            "tags": NamedValue.json(tags), "capacity": .integer(capacity),
            "attempts": .array(attempts.map(\.json)),
        ]
    }
}

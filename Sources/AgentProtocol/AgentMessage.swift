package import JSONCore

/// What the agent tells the server. Every message may come again; the server does each thing once.
package enum AgentMessage: WireMessage {
    /// The offer is recorded durably and has a place. The server commits InProgress and then answers `go`, at once or on
    /// the stream, or `void`.
    case claim(AttemptID)
    /// The attempt is recorded and has not started, and a `go` may have been lost. Answered like `claim`.
    /// It proves that nothing ran: a cancelled attempt is answered `void`.
    case goRequest(AttemptID)
    /// The job's process exists; time by the node's clock, milliseconds since 1970.
    case started(AttemptID, startedAtMilliseconds: Int64)
    /// Answered by `acknowledged`.
    case output(OutputChunk)
    /// Sent when all output is acknowledged. Answered by `closed`.
    case exit(AttemptOutcome)
    /// A type of a later version; ignored.
    case unknown(String)

    package init(json: JSONValue) throws(WireError) {
        let reader = try WireReader(json)
        let type = try reader.text("type")
        switch type {
        case "claim": self = .claim(try reader.attempt())
        case "goRequest": self = .goRequest(try reader.attempt())
        case "started":
            self = .started(try reader.attempt(), startedAtMilliseconds: try reader.integer("startedAt"))
        case "output": self = .output(try OutputChunk(json: json))
        case "exit": self = .exit(try AttemptOutcome(json: json))
        default: self = .unknown(type)
        }
    }

    package var json: JSONValue {
        switch self {
        case .claim(let attempt): ServerMessage.typed("claim", ["attempt": attempt.json])
        case .goRequest(let attempt): ServerMessage.typed("goRequest", ["attempt": attempt.json])
        case .started(let attempt, let startedAt):
            ServerMessage.typed("started", ["attempt": attempt.json, "startedAt": .integer(startedAt)])
        case .output(let chunk): ServerMessage.typed("output", chunk.json)
        case .exit(let outcome): ServerMessage.typed("exit", outcome.json)
        case .unknown(let type): ServerMessage.typed(type, [:])
        }
    }
}

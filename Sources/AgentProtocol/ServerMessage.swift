package import JSONCore

/// What the server tells the agent: a line of the work stream, or an answer to a report or a greeting. It means the same on each way.
///
/// Every message may come twice; the agent does each thing once.
package enum ServerMessage: WireMessage {
    /// A command waits. Answered by `claim` once the agent has recorded it durably and has a free place.
    case offer(CommandOffer)
    /// Start now. Sent after the server committed InProgress.
    case go(CommandGo)
    /// Forget the attempt: it was cancelled, timed out or never existed. Legal only as long as it has not started;
    /// for a started attempt the agent ignores it.
    case void(AttemptID)
    /// Stop the attempt. The outcome follows by `exit`. Not started ones answer with an `exit` without steps.
    case cancel(AttemptID)
    /// The server has all of this stream below `offset`, durably.
    case acknowledged(AttemptID, OutputStream, offset: Int64)
    /// The server has the attempt's outcome and all output, durably; the agent deletes what it holds of it.
    /// Also the answer about an attempt that the server does not know any more.
    case closed(AttemptID)
    /// Nothing to say; proves that the connection lives.
    case ping
    /// A type of a later version; ignored.
    case unknown(String)

    package init(json: JSONValue) throws(WireError) {
        let reader = try WireReader(json)
        let type = try reader.text("type")
        switch type {
        case "offer": self = .offer(try CommandOffer(json: json))
        case "go": self = .go(try CommandGo(json: json))
        case "void": self = .void(try reader.attempt())
        case "cancel": self = .cancel(try reader.attempt())
        case "acknowledged":
            self = .acknowledged(try reader.attempt(), try reader.stream(), offset: try reader.integer("offset"))
        case "closed": self = .closed(try reader.attempt())
        case "ping": self = .ping
        default: self = .unknown(type)
        }
    }

    package var json: JSONValue {
        switch self {
        case .offer(let offer): Self.typed("offer", offer.json)
        case .go(let go): Self.typed("go", go.json)
        case .void(let attempt): Self.typed("void", ["attempt": attempt.json])
        case .cancel(let attempt): Self.typed("cancel", ["attempt": attempt.json])
        case .acknowledged(let attempt, let stream, let offset):
            Self.typed(
                "acknowledged",
                .object(JSONObject([("attempt", attempt.json)] + stream.members + [("offset", .integer(offset))])))
        case .closed(let attempt): Self.typed("closed", ["attempt": attempt.json])
        case .ping: Self.typed("ping", [:])
        case .unknown(let type): Self.typed(type, [:])
        }
    }

    /// The message as a line of the work stream, newline included.
    package var line: [UInt8] { bytes + [0x0A] }

    static func typed(_ type: String, _ json: JSONValue) -> JSONValue {
        var object = JSONObject()
        object["type"] = .text(type)
        for member in json.object?.members ?? [] { object[member.key] = member.value }
        return .object(object)
    }
}

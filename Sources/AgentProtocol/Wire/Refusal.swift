package import JSONCore

/// Why the server did not do what was asked: the body of every answer that is not 200.
package struct Refusal: WireMessage, Error {
    /// What the agent can tell apart. Unknown codes read as `unavailable`.
    package enum Code: String, Sendable, CaseIterable {
        /// 400: unknown activation id, wrong code, expired or used up; not told apart, so that nothing can be probed.
        case invalidActivation = "InvalidActivation"
        /// 401: no such instance, a wrong signature or a nonce seen before.
        case invalidSignature = "InvalidSignature"
        /// 401: the timestamp is more than five minutes off; `serverTime` is set and the agent signs again by it.
        case clockSkew = "ClockSkew"
        /// 403: the instance was deregistered.
        case deregistered = "Deregistered"
        /// 409: a lower incarnation than one seen before.
        case quarantined = "Quarantined"
        /// 409: another session of the instance has begun; greet again.
        case sessionEnded = "SessionEnded"
        /// 426: no protocol version in common.
        case unsupportedProtocol = "UnsupportedProtocol"
        /// 400: the body is not what this version describes.
        case invalidRequest = "InvalidRequest"
        /// 429 or 503: try again later.
        case unavailable = "Unavailable"

        /// The HTTP status that goes with the code.
        package var status: Int {
            switch self {
            case .invalidActivation, .invalidRequest: 400
            case .invalidSignature, .clockSkew: 401
            case .deregistered: 403
            case .quarantined, .sessionEnded: 409
            case .unsupportedProtocol: 426
            case .unavailable: 503
            }
        }
    }

    package var code: Code
    package var message: String
    /// The server's clock, milliseconds since 1970; with `clockSkew`.
    package var serverTimeMilliseconds: Int64?

    package init(code: Code, message: String, serverTimeMilliseconds: Int64? = nil) {
        self.code = code
        self.message = message
        self.serverTimeMilliseconds = serverTimeMilliseconds
    }

    package init(json: JSONValue) throws(WireError) {
        let reader = try WireReader(json)
        code = Code(rawValue: try reader.text("code")) ?? .unavailable
        message = try reader.optionalText("message") ?? ""
        serverTimeMilliseconds = reader.optional("serverTime") == nil ? nil : try reader.integer("serverTime")
    }

    package var json: JSONValue {
        var object = JSONObject()
        object["code"] = .text(code.rawValue)
        object["message"] = .text(message)
        if let serverTimeMilliseconds { object["serverTime"] = .integer(serverTimeMilliseconds) }
        return .object(object)
    }
}

package import JSONCore

/// The order to start, sent only after the server has committed the invocation as InProgress. Carries the secrets.
///
/// A lost one is asked for again (`goRequest`) and must then be the same, or `void`.
package struct CommandGo: WireMessage {
    package var attempt: AttemptID
    /// Equal to the offer's.
    package var digest: String
    /// At least one, at most 64.
    package var steps: [PluginStep]
    /// The user to run as; nil for the agent's default.
    package var user: String?

    package init(attempt: AttemptID, digest: String, steps: [PluginStep], user: String? = nil) {
        self.attempt = attempt
        self.digest = digest
        self.steps = steps
        self.user = user
    }

    package init(json: JSONValue) throws(WireError) {
        let reader = try WireReader(json)
        attempt = try reader.attempt()
        digest = try reader.text("digest")
        steps = try reader.list("steps") { (value: JSONValue) throws(WireError) in try PluginStep(json: value) }
        user = try reader.optionalText("user")
    }

    package var json: JSONValue {
        var object = JSONObject.of(
            ("attempt", attempt.json), ("digest", .text(digest)), ("steps", .array(steps.map(\.json)))
        )
        object.setText("user", user)
        return .object(object)
    }
}

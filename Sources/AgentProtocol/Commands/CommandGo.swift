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
    /// The node's setting, for what a step leaves open; nil for the agent's default.
    package var runAs: RunAs?

    package init(attempt: AttemptID, digest: String, steps: [PluginStep], runAs: RunAs? = nil) {
        self.attempt = attempt
        self.digest = digest
        self.steps = steps
        self.runAs = runAs
    }

    package init(json: JSONValue) throws(WireError) {
        let reader = try WireReader(json)
        attempt = try reader.attempt()
        digest = try reader.text("digest")
        steps = try reader.list("steps") { (value: JSONValue) throws(WireError) in try PluginStep(json: value) }
        if let user = try reader.optionalText("user") {
            runAs = RunAs(user: user)
        } else {
            runAs = try reader.optionalMessage("runAs")
        }
    }

    package var json: JSONValue {
        // A user alone is what every agent understands.
        let isPlain = runAs.map { $0 == RunAs(user: $0.user) } ?? true
        var object = JSONObject.of(
            ("attempt", attempt.json), ("digest", .text(digest)),
            ("steps", .array(steps.map { $0.json(needsLaterForm: !isPlain) }))
        )
        if isPlain { object.setText("user", runAs?.user) } else if let runAs { object["runAs"] = runAs.json }
        return .object(object)
    }
}

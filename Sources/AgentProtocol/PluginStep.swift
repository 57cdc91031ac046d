package import JSONCore

/// One step of a document as the agent runs it, parameters already filled in.
package struct PluginStep: WireMessage {
    /// What follows a failed step.
    package enum OnFailure: String, Sendable {
        /// The next step runs all the same, as in Systems Manager's documents.
        case carryOn = "continue"
        /// Later steps are not run (`onFailure: exit`).
        case exit
    }

    /// The step's name in the document, such as `aws:runShellScript` or `runShellScript`.
    package var name: String
    /// The plugin: `aws:runShellScript` is the only one of protocol version 1.
    package var action: String
    /// The lines of the script. The agent joins them by newlines; a first line `#!…` chooses the interpreter, else `/bin/sh`.
    package var commands: [String]
    /// Absolute; nil for the agent's default.
    package var workingDirectory: String?
    /// Execution timeout in seconds; 0 for none.
    package var timeoutSeconds: Int
    /// Added to the agent's own minimal environment. May hold secrets.
    package var environment: [NamedValue]
    package var onFailure: OnFailure

    package init(
        name: String, action: String = "aws:runShellScript", commands: [String], workingDirectory: String? = nil,
        timeoutSeconds: Int = 3600, environment: [NamedValue] = [], onFailure: OnFailure = .carryOn
    ) {
        self.name = name
        self.action = action
        self.commands = commands
        self.workingDirectory = workingDirectory
        self.timeoutSeconds = timeoutSeconds
        self.environment = environment
        self.onFailure = onFailure
    }

    package init(json: JSONValue) throws(WireError) {
        let reader = try WireReader(json)
        name = try reader.text("name")
        action = try reader.text("action")
        commands = try reader.list("commands") { (value: JSONValue) throws(WireError) -> String in
            guard let text = value.text else { throw WireError(member: "", expected: "strings") }
            return text
        }
        workingDirectory = try reader.optionalText("workingDirectory")
        timeoutSeconds = try reader.int("timeoutSeconds")
        environment = try reader.pairs("environment")
        onFailure = reader.optional("onFailure") == nil ? .carryOn : try reader.choice("onFailure")
    }

    package var json: JSONValue {
        var object = JSONObject.of(
            ("name", .text(name)), ("action", .text(action)), ("commands", .array(commands.map { .text($0) })),
            ("timeoutSeconds", .integer(timeoutSeconds)), ("environment", NamedValue.json(environment)),
            ("onFailure", .text(onFailure.rawValue))
        )
        object.setText("workingDirectory", workingDirectory)
        return .object(object)
    }
}

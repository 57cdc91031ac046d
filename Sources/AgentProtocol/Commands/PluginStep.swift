package import JSONCore

/// One step of a document as the agent runs it, parameters already filled in.
///
/// Agents of before there were control flow and run-as do not know what these ask for, and must not run such a step without it. On the
/// wire its action therefore carries `Self.laterForm`: a plugin that they do not have, so that they refuse (`CouldNotStart`).
package struct PluginStep: WireMessage {
    /// What follows a failed step.
    package enum OnFailure: String, Sendable {
        /// The next step runs all the same, as in Systems Manager's documents.
        case carryOn = "continue"
        /// Later steps are skipped (`onFailure: exit`).
        case exit
        /// Later steps are skipped and this one counts as succeeded, with exit code 168 (`onFailure: successAndExit`).
        case successAndExit
    }

    /// What follows a successful step.
    package enum OnSuccess: String, Sendable {
        case carryOn = "continue"
        /// Later steps are skipped (`onSuccess: exit`).
        case exit
    }

    private static let laterForm = "/2"

    /// The step's name in the document, such as `aws:runShellScript` or `runShellScript`.
    package var name: String
    /// The plugin: `aws:runShellScript`, `aws:runPowerShellScript` or `aws:downloadContent`.
    package var action: String
    /// The lines of the script. The agent joins them by newlines; a first line `#!…` chooses the interpreter, else `/bin/sh`.
    package var commands: [String]
    /// Absolute; nil for the user's home.
    package var workingDirectory: String?
    /// Execution timeout in seconds; 0 for none.
    package var timeoutSeconds: Int
    /// Added to the agent's own minimal environment. May hold secrets.
    package var environment: [NamedValue]
    package var onFailure: OnFailure
    package var onSuccess: OnSuccess
    /// Runs even after a step that made the others be skipped (`finallyStep`). As in Systems Manager's agent it has a meaning for the last
    /// step only, and a cancelled command runs no further step at all.
    package var isFinally: Bool
    /// All must hold; else the step is skipped, which counts as success.
    package var preconditions: [StepPrecondition]
    package var runAs: RunAs?
    /// Of `aws:downloadContent`.
    package var download: ContentDownload?

    package init(
        name: String, action: String = "aws:runShellScript", commands: [String], workingDirectory: String? = nil,
        timeoutSeconds: Int = 3600, environment: [NamedValue] = [], onFailure: OnFailure = .carryOn, onSuccess: OnSuccess = .carryOn,
        isFinally: Bool = false, preconditions: [StepPrecondition] = [], runAs: RunAs? = nil, download: ContentDownload? = nil
    ) {
        self.name = name
        self.action = action
        self.commands = commands
        self.workingDirectory = workingDirectory
        self.timeoutSeconds = timeoutSeconds
        self.environment = environment
        self.onFailure = onFailure
        self.onSuccess = onSuccess
        self.isFinally = isFinally
        self.preconditions = preconditions
        self.runAs = runAs
        self.download = download
    }

    package init(json: JSONValue) throws(WireError) {
        let reader = try WireReader(json)
        name = try reader.text("name")
        let action = try reader.text("action")
        self.action = action.hasSuffix(Self.laterForm) ? String(action.dropLast(Self.laterForm.count)) : action
        commands = try reader.list("commands") { (value: JSONValue) throws(WireError) -> String in
            guard let text = value.text else { throw WireError(member: "", expected: "strings") }
            return text
        }
        workingDirectory = try reader.optionalText("workingDirectory")
        timeoutSeconds = try reader.int("timeoutSeconds")
        environment = try reader.pairs("environment")
        let onFailure: OnFailure = try reader.optionalChoice("onFailure") ?? .carryOn
        self.onFailure = try reader.flag("failureIsSuccess") ? .successAndExit : onFailure
        onSuccess = try reader.optionalChoice("onSuccess") ?? .carryOn
        isFinally = try reader.flag("finally")
        preconditions = try reader.list("preconditions") { (value: JSONValue) throws(WireError) in try StepPrecondition(json: value) }
        runAs = try reader.optionalMessage("runAs")
        download = try reader.optionalMessage("download")
    }

    package var json: JSONValue { json(needsLaterForm: false) }

    /// The step as JSON; `needsLaterForm` when what surrounds it changes how it runs.
    func json(needsLaterForm: Bool) -> JSONValue {
        let isLater = needsLaterForm || usesLaterMembers
        var object = JSONObject.of(
            ("name", .text(name)), ("action", .text(isLater ? action + Self.laterForm : action)),
            ("commands", .array(commands.map { .text($0) })), ("timeoutSeconds", .integer(timeoutSeconds)),
            ("environment", NamedValue.json(environment)),
            // Older readers know no third value, and would not even get as far as refusing the action.
            ("onFailure", .text((onFailure == .successAndExit ? .exit : onFailure).rawValue))
        )
        object.setText("workingDirectory", workingDirectory)
        if onFailure == .successAndExit { object["failureIsSuccess"] = true }
        if onSuccess != .carryOn { object["onSuccess"] = .text(onSuccess.rawValue) }
        if isFinally { object["finally"] = true }
        if !preconditions.isEmpty { object["preconditions"] = .array(preconditions.map(\.json)) }
        if let runAs { object["runAs"] = runAs.json }
        if let download { object["download"] = download.json }
        return .object(object)
    }

    private var usesLaterMembers: Bool {
        onFailure == .successAndExit || onSuccess != .carryOn || isFinally || !preconditions.isEmpty || runAs?.isEmpty == false
    }
}

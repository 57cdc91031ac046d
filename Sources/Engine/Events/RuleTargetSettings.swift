package import EventPatterns
package import JSONCore
package import Store

/// What a rule's target was put with, read from its stored JSON, which has the members of the API's `Target`.
package struct RuleTargetSettings: Sendable {
    /// What the target gets instead of the whole event.
    package enum Input: Sendable {
        case event
        case constant(String)
        case path(EventPath)
        case transformed(InputTransformer)
    }

    /// Why settings cannot be used, in words for the author of the target.
    package struct Fault: Error, Hashable, Sendable {
        /// What is wrong.
        package let reason: String

        /// A fault of that reason.
        package init(reason: String) {
            self.reason = reason
        }
    }

    /// What the target gets.
    package let input: Input
    /// The role in whose name the target is called, nil for the rule's.
    package let roleARN: String?
    /// Which nodes a command selects, as the API's `RunCommandTargets`.
    package let commandTargets: JSONValue?
    /// What a request to an API destination is completed with, as the API's `HttpParameters`.
    package let httpParameters: JSONValue?
    /// The group of messages for a queue.
    package let messageGroupID: String?
    /// The queue for what cannot be delivered.
    package let deadLetterARN: String?
    /// How often the delivery is tried again.
    package let maximumRetries: Int
    /// For how long the delivery is tried.
    package let maximumAge: Duration

    /// AWS's defaults (EventBridge User Guide, "How EventBridge retries delivering events").
    package static let defaultRetries = 185
    package static let defaultAge = Duration.seconds(86_400)

    /// Reads the settings of a target.
    package init(_ target: JSONObject) throws(Fault) {
        input = try RuleTargetSettings.input(target)
        roleARN = target["RoleArn"]?.text
        commandTargets = target["RunCommandParameters"]?["RunCommandTargets"]
        httpParameters = target["HttpParameters"]
        messageGroupID = target["SqsParameters"]?["MessageGroupId"]?.text
        deadLetterARN = target["DeadLetterConfig"]?["Arn"]?.text
        let retry = target["RetryPolicy"]
        maximumRetries = retry?["MaximumRetryAttempts"]?.integer.map(Int.init) ?? RuleTargetSettings.defaultRetries
        maximumAge = retry?["MaximumEventAgeInSeconds"]?.integer.map { .seconds($0) } ?? RuleTargetSettings.defaultAge
    }

    /// Whether the target gets the event as it is.
    package var isWholeEvent: Bool { if case .event = input { true } else { false } }

    /// What the target gets for an event.
    package func text(for event: inout RoutedEvent, context: InputTransformer.Context) -> String {
        switch input {
        case .event: event.text
        case .constant(let text): text
        case .path(let path): JSONWriter.text(of: path.value(in: event.value) ?? .null)
        case .transformed(let transformer): transformer.input(for: event.value, context: context)
        }
    }

    private static func input(_ target: JSONObject) throws(Fault) -> Input {
        let id = target["Id"]?.text ?? ""
        let given = ["Input", "InputPath", "InputTransformer"].filter { target[JSONString($0)] != nil }
        guard given.count <= 1 else {
            throw Fault(reason: "Only one of Input, InputPath, or InputTransformer must be provided for target \(id).")
        }
        if let text = target["Input"]?.text {
            do throws(JSONParseError) {
                _ = try JSONParser.parse(text)
            } catch {
                let place = error.position(in: Array(text.utf8))
                throw Fault(reason: "JSON syntax error in input for target \(id): line: \(place.line), column: \(place.column)")
            }
            return .constant(text)
        }
        if let text = target["InputPath"]?.text {
            guard let path = EventPath(parsing: text) else { throw Fault(reason: "Invalid InputPath for target \(id).") }
            return .path(path)
        }
        guard let transformer = target["InputTransformer"] else { return .event }
        return .transformed(try self.transformer(transformer, id))
    }

    private static func transformer(_ value: JSONValue, _ id: String) throws(Fault) -> InputTransformer {
        var paths: [String: String] = [:]
        for member in value["InputPathsMap"]?.object?.members ?? [] { paths[member.key.text] = member.value.text ?? "" }
        let transformer: InputTransformer
        do throws(InputTransformerError) {
            transformer = try InputTransformer(paths: paths, template: value["InputTemplate"]?.text ?? "")
        } catch {
            throw Fault(reason: "Invalid InputTemplate for target \(id) : [\(error.reason)]")
        }
        if let name = transformer.undefinedVariables.first {
            throw Fault(reason: "InputTemplate for target \(id) contains invalid placeholder \(name).")
        }
        return transformer
    }
}

extension RuleTargetSettings {
    /// The settings of a stored target.
    package init(_ record: RuleTargetRecord) throws(Fault) {
        guard let object = (try? JSONParser.parse(record.settings))?.object else {
            throw Fault(reason: "The stored target cannot be read.")
        }
        try self.init(object)
    }
}

package import JSONCore
package import TimeSource

/// Makes a target's input from an event: values are taken out of it by paths and put into a template.
///
/// "Amazon EventBridge input transformation" in the EventBridge User Guide describes it. What that leaves open is settled so that the
/// result stays JSON: a value inside quotes is escaped, and a variable whose path leads nowhere is an empty string.
package struct InputTransformer: Sendable {
    /// What a template may say of the rule and the delivery beside the event.
    package struct Context: Sendable {
        /// The rule's ARN, `<aws.events.rule-arn>`.
        package var ruleARN: String
        /// The rule's name, `<aws.events.rule-name>`.
        package var ruleName: String
        /// When the event arrived, `<aws.events.event.ingestion-time>`.
        package var ingestedAt: Timestamp

        /// What is known of a delivery.
        package init(ruleARN: String, ruleName: String, ingestedAt: Timestamp) {
            self.ruleARN = ruleARN
            self.ruleName = ruleName
            self.ingestedAt = ingestedAt
        }
    }

    /// The most entries that a paths map may have.
    package static let maximumPaths = 100

    private let paths: [String: EventPath]
    private let template: InputTemplate

    /// Compiles a transformer.
    /// - Parameter paths: the `InputPathsMap`, from names of variables to paths.
    /// - Throws: the first thing that is wrong, in words for the author of the target.
    package init(paths: [String: String], template: String) throws(InputTransformerError) {
        guard paths.count <= Self.maximumPaths else {
            throw InputTransformerError("InputPathsMap has more than \(Self.maximumPaths) entries.")
        }
        var compiled: [String: EventPath] = [:]
        for (name, text) in paths.sorted(by: { $0.key < $1.key }) {
            guard !name.lowercased().hasPrefix("aws."), InputTemplate.isVariableName(name) else {
                throw InputTransformerError("InputPathsMap has the key '\(name)', which is not a variable's name.")
            }
            guard let path = EventPath(parsing: text) else {
                throw InputTransformerError("InputPathsMap has the value '\(text)', which is not a JSON path.")
            }
            compiled[name] = path
        }
        self.paths = compiled
        self.template = try InputTemplate(parsing: template)
    }

    /// The variables of the template that neither the paths map nor EventBridge defines, in order.
    package var undefinedVariables: [String] {
        template.variables.filter { paths[$0] == nil && !Self.reservedVariables.contains($0) }
    }

    /// The target's input for an event, as JSON text or, for a template of several lines, as one JSON string a line.
    package func input(for event: JSONValue, context: Context) -> String {
        template.text { name in value(of: name, event, context) }
    }

    private static let reservedVariables: Set<String> = [
        "aws.events.rule-arn", "aws.events.rule-name", "aws.events.event.ingestion-time", "aws.events.event",
        "aws.events.event.json",
    ]

    /// An event without its detail; AWS spells the name of its type differently here, and orders the names so.
    private static func envelope(of event: JSONObject) -> JSONObject {
        let names: [(JSONString, JSONString)] = [
            ("id", "id"), ("account", "account"), ("detail-type", "detailType"), ("time", "time"), ("source", "source"),
            ("region", "region"), ("resources", "resources"), ("version", "version"),
        ]
        return JSONObject(names.compactMap { name, shown in event[name].map { (shown, $0) } })
    }

    private func value(of name: String, _ event: JSONValue, _ context: Context) -> JSONValue? {
        switch name {
        case "aws.events.rule-arn": return .text(context.ruleARN)
        case "aws.events.rule-name": return .text(context.ruleName)
        case "aws.events.event.ingestion-time": return .text(context.ingestedAt.iso8601Seconds)
        case "aws.events.event.json": return event
        case "aws.events.event":
            return event.object.map { .object(Self.envelope(of: $0)) } ?? event
        default: return paths[name]?.value(in: event)
        }
    }
}

/// Why an input transformer cannot be used.
package struct InputTransformerError: Error, Hashable, Sendable {
    /// What is wrong, in words for the author of the target.
    package var reason: String

    /// An error with that reason.
    package init(_ reason: String) {
        self.reason = reason
    }
}

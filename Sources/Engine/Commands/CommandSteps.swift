package import AgentProtocol
import JSONCore

/// The steps of a command as they are stored and as the node gets them.
package enum CommandSteps {
    /// The stored form.
    package static func encode(_ steps: [PluginStep]) -> [UInt8] {
        JSONWriter.bytes(of: .array(steps.map(\.json)))
    }

    /// The steps of a stored form.
    /// - Throws: `WireError` when it is not what `encode` makes.
    package static func decode(_ bytes: [UInt8]) throws(WireError) -> [PluginStep] {
        guard let values = (try? JSONParser.parse(bytes))?.array else { throw WireError(member: "steps", expected: "a list") }
        var steps: [PluginStep] = []
        for value in values { steps.append(try PluginStep(json: value)) }
        return steps
    }

    /// How the name of a step stands in a log stream's name: `aws-runShellScript`.
    static func streamName(of step: PluginStep) -> String {
        String(decoding: step.name.utf8.map { $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: "*") ? 0x2D : $0 }, as: UTF8.self)
    }
}

import AWSProtocols
import JSONCore

/// The settings of a bus that are kept and returned as they were put: its key, dead-letter queue and logging.
struct BusSettings {
    private static let names = ["KmsKeyIdentifier", "DeadLetterConfig", "LogConfig"]

    private var settings: JSONObject

    /// The settings of a request.
    init(_ input: APIStructure) throws(APIError) {
        settings = JSONObject()
        for name in BusSettings.names {
            guard let value = input[name], !value.isNull else { continue }
            settings[name] = value.plainJSON
        }
        if let queue = input.structure("DeadLetterConfig")?.string("Arn") { try RuleTargetRequest.checkDeadLetterQueue(queue) }
    }

    /// The settings as stored.
    init(stored: [UInt8]) {
        settings = (try? JSONParser.parse(stored))?.object ?? JSONObject()
    }

    /// The settings as they are stored.
    var encoded: [UInt8] { JSONWriter.bytes(of: .object(settings)) }

    /// These settings with those of a change in their place.
    func merging(_ change: BusSettings) -> BusSettings {
        var merged = self
        for member in change.settings.members { merged.settings[member.key] = member.value }
        return merged
    }

    /// Adds the settings to an answer.
    func append(to output: inout APIStructure) {
        for member in settings.members { output.append(member.key.text, APIValue(member.value)) }
    }
}

import AWSProtocols
import JSONCore

/// The settings of a state machine beside its definition, kept as given and returned: logging, tracing, encryption.
struct StateMachineConfiguration {
    private static let members = ["loggingConfiguration", "tracingConfiguration", "encryptionConfiguration"]

    private var values: JSONObject

    /// The settings in a CreateStateMachine request.
    init(_ input: APIStructure) {
        values = JSONObject()
        take(input)
    }

    /// The settings as stored.
    init(stored: [UInt8]) {
        values = (try? JSONParser.parse(stored).object) ?? JSONObject()
    }

    /// The settings with those of an UpdateStateMachine request in place of the old ones.
    func updated(by input: APIStructure) -> StateMachineConfiguration {
        var copy = self
        copy.take(input)
        return copy
    }

    /// The stored form: JSON text.
    var encoded: [UInt8] { JSONWriter.bytes(of: .object(values)) }

    /// Adds the settings to a description, with AWS's defaults for what was not given.
    func describe(in output: inout APIStructure) {
        output["loggingConfiguration"] =
            values["loggingConfiguration"].map(StateMachineConfiguration.value) ?? ["level": "OFF", "includeExecutionData": false]
        output["tracingConfiguration"] = values["tracingConfiguration"].map(StateMachineConfiguration.value) ?? ["enabled": false]
        if let encryption = values["encryptionConfiguration"] {
            output["encryptionConfiguration"] = StateMachineConfiguration.value(encryption)
        }
    }

    private mutating func take(_ input: APIStructure) {
        for name in StateMachineConfiguration.members {
            if let value = input[name], !value.isNull { values[name] = StateMachineConfiguration.json(value) }
        }
    }

    private static func json(_ value: APIValue) -> JSONValue {
        switch value {
        case .bool(let flag): .bool(flag)
        case .integer(let number): .integer(number)
        case .string(let text): .text(text)
        case .list(let elements): .array(elements.map(json))
        case .structure(let structure): .object(JSONObject(structure.members.map { (JSONString($0.name), json($0.value)) }))
        case .json(let value): value
        case .null, .double, .blob, .timestamp: .null
        }
    }

    private static func value(_ json: JSONValue) -> APIValue {
        switch json {
        case .null: .null
        case .bool(let flag): .bool(flag)
        case .number(let number): number.integer.map(APIValue.integer) ?? .double(number.double)
        case .string(let text): .string(text.text)
        case .array(let elements): .list(elements.map(value))
        case .object(let object): .structure(APIStructure(object.members.map { ($0.key.text, value($0.value)) }))
        }
    }
}

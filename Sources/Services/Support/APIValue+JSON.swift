import AWSProtocols
import JSONCore

extension APIValue {
    /// The tree of a JSON value: for answers that are kept or made as JSON.
    init(_ json: JSONValue) {
        switch json {
        case .null: self = .null
        case .bool(let flag): self = .bool(flag)
        case .number(let number): self = number.integer.map(APIValue.integer) ?? .double(number.double)
        case .string(let text): self = .string(text.text)
        case .array(let elements): self = .list(elements.map(APIValue.init))
        case .object(let object): self = .structure(APIStructure(object))
        }
    }

    /// The JSON of a tree without blobs and timestamps: for settings that are kept as given.
    var plainJSON: JSONValue {
        switch self {
        case .bool(let flag): .bool(flag)
        case .integer(let number): .integer(number)
        case .double(let number): JSONNumber(number).map(JSONValue.number) ?? .null
        case .string(let text): .text(text)
        case .list(let elements): .array(elements.map(\.plainJSON))
        case .structure(let structure): .object(structure.plainJSON)
        case .json(let value): value
        case .null, .blob, .timestamp: .null
        }
    }
}

extension APIStructure {
    /// The members of a JSON object.
    init(_ object: JSONObject) {
        self.init(object.members.map { ($0.key.text, APIValue($0.value)) })
    }

    /// The JSON object of these members.
    var plainJSON: JSONObject {
        JSONObject(members.map { (JSONString($0.name), $0.value.plainJSON) })
    }
}

import AWSProtocols
import ByteCoding
import JSONCore
import TimeSource

/// Parameters and results of service integrations: the model's shapes with the member names that Step Functions uses, which
/// begin with a capital letter for every service (AWS Step Functions Developer Guide, "Integrating services").
struct SDKShapes {
    /// How instants are written in results.
    enum Timestamps {
        /// ISO 8601, as the SDK integrations do.
        case text
        /// Milliseconds since 1970, as the optimised integrations do.
        case milliseconds
    }

    let model: ServiceModel
    var timestamps = Timestamps.text
    /// Whether bytes in results are JSON where they can be read so, as Lambda's payloads are; S3's objects are texts.
    var parsesBytes = true

    /// The wire's JSON of a task's parameters.
    ///
    /// An object where the model wants a text or bytes is passed as JSON text, as `Message` of SNS and `Payload` of Lambda are.
    /// - Parameter faults: gets what Step Functions itself refuses, in AWS's words: members that the operation does not have, and those
    ///   that it needs and that are not there. One that is null is for the service to refuse.
    func request(_ json: JSONValue, _ shape: Shape, _ faults: inout [String]) -> JSONValue {
        switch (json, shape.kind) {
        case (.object(let object), .structure(let layout)):
            var renamed = JSONObject(capacity: object.count)
            var found: Set<String> = []
            for entry in object.members {
                guard let member = layout.members.first(where: { SDKShapes.isSame(entry.key, $0.name) }) else {
                    faults.append("The field '\(entry.key.text)' is not supported by Step Functions")
                    continue
                }
                found.insert(member.name)
                renamed.set(member.jsonKey, request(entry.value, model.shape(of: member), &faults))
            }
            for member in layout.members where member.isRequired && !found.contains(member.name) {
                faults.append("The field '\(SDKShapes.capitalised(member.name).text)' is required but was missing")
            }
            return .object(renamed)
        case (.object(let object), .map(_, let value)):
            var mapped = JSONObject(capacity: object.count)
            for entry in object.members { mapped.set(entry.key, request(entry.value, model.shape(of: value), &faults)) }
            return .object(mapped)
        case (.array(let elements), .list(let element)):
            var list: [JSONValue] = []
            for value in elements { list.append(request(value, model.shape(of: element), &faults)) }
            return .array(list)
        case (.object, .string), (.array, .string): return .string(JSONString(unchecked: JSONWriter.bytes(of: json)))
        case (.null, .blob): return .null
        case (_, .blob): return .text(Base64.text(JSONWriter.bytes(of: json)))
        default: return json
        }
    }

    /// The task's result of an operation's output: timestamps as text, bytes as JSON where they are JSON.
    func result(_ value: APIValue, _ shape: Shape) -> JSONValue {
        switch (value, shape.kind) {
        case (.structure(let structure), .structure(let layout)):
            var object = JSONObject(capacity: structure.count)
            for entry in structure.members where !entry.value.isNull {
                guard let member = layout.member(named: entry.name) else { continue }
                object.set(SDKShapes.capitalised(member.name), result(entry.value, model.shape(of: member)))
            }
            return .object(object)
        case (.structure(let entries), .map(_, let element)):
            return .object(
                JSONObject(entries.members.map { (JSONString($0.name), result($0.value, model.shape(of: element))) }))
        case (.list(let elements), .list(let element)):
            return .array(elements.map { result($0, model.shape(of: element)) })
        case (.timestamp(let milliseconds), _):
            return timestamps == .text ? .text(Timestamp(milliseconds: milliseconds).iso8601Milliseconds) : .integer(milliseconds)
        case (.blob(let bytes), _):
            let json = parsesBytes ? try? JSONParser.parse(bytes) : nil
            return json ?? .text(String(decoding: bytes, as: UTF8.self))
        case (.bool(let flag), _): return .bool(flag)
        case (.integer(let number), _): return .integer(number)
        case (.double(let number), _): return JSONNumber(number).map(JSONValue.number) ?? .null
        case (.string(let text), _): return .text(text)
        case (.json(let json), _): return json
        default: return .null
        }
    }

    /// Names are the same when they differ at most in the case of the first letter.
    private static func isSame(_ key: JSONString, _ name: String) -> Bool {
        key.bytes.count == name.utf8.count && key.bytes.dropFirst().elementsEqual(name.utf8.dropFirst())
            && key.bytes.first.map(lowercased) == name.utf8.first.map(lowercased)
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 { byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte }

    private static func capitalised(_ name: String) -> JSONString {
        JSONString(name.prefix(1).uppercased() + name.dropFirst())
    }
}

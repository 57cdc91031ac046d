import ByteCoding
import JSONCore

/// Reads JSON into values of a model's shapes, leniently as AWS does: unknown members and nulls are passed over.
struct JSONInput {
    private let model: ServiceModel

    /// A reader for this service.
    init(_ model: ServiceModel) {
        self.model = model
    }

    /// The members of a structure.
    /// - Parameter includes: which members stand in the body; REST carries some elsewhere.
    func structure(
        _ json: JSONValue, _ layout: StructureLayout, includes: (MemberModel) -> Bool = { _ in true }
    ) throws(APIError) -> APIStructure {
        guard case .object(let object) = json else { throw fault(unexpected(json)) }
        var structure = APIStructure(capacity: min(object.count, layout.members.count))
        for member in layout.members where includes(member) {
            guard let value = object[member.jsonKey], !value.isNull else { continue }
            structure.append(member.name, try self.value(value, model.shape(of: member)))
        }
        return structure
    }

    /// A value of a shape.
    func value(_ json: JSONValue, _ shape: Shape) throws(APIError) -> APIValue {
        switch shape.kind {
        case .string:
            guard case .string(let text) = json else { throw fault(cannotConvert(json, "a String")) }
            return .string(text.text)
        case .boolean:
            guard case .bool(let value) = json else { throw fault(cannotConvert(json, "Boolean")) }
            return .bool(value)
        case .integer:
            return .integer(try wholeNumber(json, Int64(Int32.min)...Int64(Int32.max), "an Integer"))
        case .long:
            return .integer(try wholeNumber(json, Int64.min...Int64.max, "a Long"))
        case .double:
            return .double(try double(json))
        case .timestamp:
            return .timestamp(try timestamp(json))
        case .blob:
            guard case .string(let text) = json else { throw fault(cannotConvert(json, "a ByteBuffer")) }
            guard let bytes = Base64.decode(text.bytes) else { throw fault("Invalid Base64 text where a blob is expected") }
            return .blob(bytes)
        case .document:
            return .json(json)
        case .structure(let layout):
            return .structure(try structure(json, layout))
        case .list(let element):
            guard case .array(let elements) = json else { throw fault(json.isScalar ? "Expected list or null" : unexpected(json)) }
            return .list(try list(elements, model.shape(of: element)))
        case .map(_, let value):
            guard case .object(let object) = json else { throw fault(json.isScalar ? "Expected map or null" : unexpected(json)) }
            return .structure(try map(object, model.shape(of: value)))
        }
    }

    private func list(_ elements: [JSONValue], _ shape: Shape) throws(APIError) -> [APIValue] {
        var values: [APIValue] = []
        values.reserveCapacity(elements.count)
        for element in elements where !element.isNull { values.append(try value(element, shape)) }
        return values
    }

    private func map(_ object: JSONObject, _ shape: Shape) throws(APIError) -> APIStructure {
        var entries = APIStructure(capacity: object.count)
        for member in object.members where !member.value.isNull {
            entries.append(member.key.text, try value(member.value, shape))
        }
        return entries
    }

    private func wholeNumber(_ json: JSONValue, _ range: ClosedRange<Int64>, _ type: String) throws(APIError) -> Int64 {
        guard case .number(let number) = json, let value = number.integer, range.contains(value) else {
            throw fault(cannotConvert(json, type))
        }
        return value
    }

    private func double(_ json: JSONValue) throws(APIError) -> Double {
        if case .number(let number) = json { return number.double }
        // AWS's JSON protocols write the numbers that JSON has not as texts.
        switch json.text {
        case "NaN": return .nan
        case "Infinity": return .infinity
        case "-Infinity": return -.infinity
        default: throw fault(cannotConvert(json, "a Double"))
        }
    }

    private func timestamp(_ json: JSONValue) throws(APIError) -> Int64 {
        if case .number(let number) = json, let instant = TimestampText.milliseconds(number.double) { return instant }
        if let text = json.text, let instant = TimestampText.parse(text) { return instant }
        throw fault(cannotConvert(json, "a Date"))
    }

    private func fault(_ message: String) -> APIError {
        APIError(model.behaviour.serializationCode, message, httpStatus: 400)
    }

    private func cannotConvert(_ json: JSONValue, _ type: String) -> String {
        switch json {
        case .number: "NUMBER_VALUE can not be converted to \(type)"
        case .string: "STRING_VALUE can not be converted to \(type)"
        case .bool(true): "TRUE_VALUE can not be converted to \(type)"
        case .bool(false): "FALSE_VALUE can not be converted to \(type)"
        case .array, .object, .null: unexpected(json)
        }
    }

    private func unexpected(_ json: JSONValue) -> String {
        switch json {
        case .array: "Start of list found where not expected"
        case .object: "Start of structure or map found where not expected."
        default: "Unexpected field type"
        }
    }
}

extension JSONValue {
    fileprivate var isScalar: Bool {
        switch self {
        case .array, .object: false
        default: true
        }
    }
}

import ByteCoding
import JSONCore

/// Writes values of a model's shapes as JSON. Members that are null, or that the model does not have, are left out.
struct JSONOutput {
    private let model: ServiceModel

    /// A writer for this service.
    init(_ model: ServiceModel) {
        self.model = model
    }

    /// Appends a structure as an object.
    /// - Parameter includes: which members stand in the body; REST carries some elsewhere.
    func append(
        _ structure: APIStructure, _ layout: StructureLayout, to output: inout [UInt8],
        includes: (MemberModel) -> Bool = { _ in true }
    ) {
        output.append(UInt8(ascii: "{"))
        var isFirst = true
        for entry in structure.members {
            guard !entry.value.isNull, let member = layout.member(named: entry.name), includes(member) else { continue }
            if !isFirst { output.append(UInt8(ascii: ",")) }
            isFirst = false
            JSONWriter.append(member.jsonKey, to: &output)
            output.append(UInt8(ascii: ":"))
            append(entry.value, model.shape(of: member), to: &output)
        }
        output.append(UInt8(ascii: "}"))
    }

    /// Appends a value of a shape.
    func append(_ value: APIValue, _ shape: Shape, to output: inout [UInt8]) {
        switch (value, shape.kind) {
        case (.structure(let structure), .structure(let layout)):
            append(structure, layout, to: &output)
        case (.structure(let entries), .map(_, let element)):
            let elementShape = model.shape(of: element)
            JSONOutput.appendMap(entries, to: &output) { append($0, elementShape, to: &$1) }
        case (.list(let elements), .list(let element)):
            let elementShape = model.shape(of: element)
            JSONOutput.appendList(elements, to: &output) { append($0, elementShape, to: &$1) }
        case (.timestamp(let milliseconds), _):
            guard let format = shape.timestampFormat, format != .unixTimestamp else {
                TimestampText.append(seconds: milliseconds, to: &output)
                return
            }
            JSONWriter.append(JSONString(TimestampText.text(milliseconds, format)), to: &output)
        default:
            JSONOutput.append(value, to: &output)
        }
    }

    /// Appends a value without a model, for members of errors that the model does not describe.
    static func append(_ value: APIValue, to output: inout [UInt8]) {
        switch value {
        case .null: output.append(contentsOf: "null".utf8)
        case .bool(let value): output.append(contentsOf: value ? "true".utf8 : "false".utf8)
        case .integer(let value): output.append(contentsOf: String(value).utf8)
        case .double(let value): append(value, to: &output)
        case .string(let text): JSONWriter.append(JSONString(text), to: &output)
        case .blob(let bytes):
            output.append(UInt8(ascii: "\""))
            output.append(contentsOf: Base64.encode(bytes))
            output.append(UInt8(ascii: "\""))
        case .timestamp(let milliseconds): TimestampText.append(seconds: milliseconds, to: &output)
        case .json(let json): JSONWriter.append(json, to: &output)
        case .list(let elements): appendList(elements, to: &output) { append($0, to: &$1) }
        case .structure(let entries): appendMap(entries, to: &output) { append($0, to: &$1) }
        }
    }

    private static func append(_ value: Double, to output: inout [UInt8]) {
        if let number = JSONNumber(value) {
            JSONWriter.append(.number(number), to: &output)
        } else {
            output.append(contentsOf: (value.isNaN ? "\"NaN\"" : value < 0 ? "\"-Infinity\"" : "\"Infinity\"").utf8)
        }
    }

    private static func appendList(
        _ elements: [APIValue], to output: inout [UInt8], _ write: (APIValue, inout [UInt8]) -> Void
    ) {
        output.append(UInt8(ascii: "["))
        for (index, element) in elements.enumerated() {
            if index > 0 { output.append(UInt8(ascii: ",")) }
            write(element, &output)
        }
        output.append(UInt8(ascii: "]"))
    }

    private static func appendMap(
        _ entries: APIStructure, to output: inout [UInt8], _ write: (APIValue, inout [UInt8]) -> Void
    ) {
        output.append(UInt8(ascii: "{"))
        var isFirst = true
        for entry in entries.members where !entry.value.isNull {
            if !isFirst { output.append(UInt8(ascii: ",")) }
            isFirst = false
            JSONWriter.append(JSONString(entry.name), to: &output)
            output.append(UInt8(ascii: ":"))
            write(entry.value, &output)
        }
        output.append(UInt8(ascii: "}"))
    }
}

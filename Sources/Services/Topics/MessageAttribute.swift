package import AWSProtocols
import ByteCoding
import Engine
import EventPatterns
package import JSONCore
import Store

/// An attribute of a published message (Amazon SNS Developer Guide, "Amazon SNS message attributes").
package struct MessageAttribute: Sendable, Hashable {
    /// The name.
    package let name: String
    /// `String`, `Number`, `Binary` or `String.Array`, perhaps with a label after a period.
    package let dataType: String
    /// The value; of binary ones Base64.
    package let value: String

    /// A checked attribute.
    package init(name: String, dataType: String, text: String?, binary: [UInt8]?) throws(APIError) {
        try MessageAttribute.check(name: name)
        let base = dataType.split(separator: ".", omittingEmptySubsequences: false).first ?? ""
        guard ["String", "Number", "Binary"].contains(base) else {
            throw SNSError.invalidValue(
                "The message attribute '\(name)' has an invalid message attribute type, the set of supported type prefixes is "
                    + "Binary, Number, and String.")
        }
        let field = base == "Binary" ? "Binary" : "String"
        let isMissing = text == nil && binary == nil
        guard let value = isMissing ? "" : base == "Binary" ? binary.map({ Base64.text($0) }) : text else {
            throw SNSError.invalidValue(
                "The message attribute '\(name)' with type '\(dataType)' must use field '\(field)'.")
        }
        guard !value.isEmpty else {
            throw SNSError.invalidValue(
                "The message attribute '\(name)' must contain non-empty message attribute value for message attribute type "
                    + "'\(dataType)'.")
        }
        if base == "Number", JSONNumber(literal: Array(value.utf8)) == nil {
            throw SNSError.invalidValue(
                "Could not cast message attribute '\(name)' value to number.")
        }
        self.name = name
        self.dataType = dataType
        self.value = value
    }

    /// The attributes of a request, `MessageAttributes`.
    package static func parse(_ map: APIStructure?) throws(APIError) -> [MessageAttribute] {
        var attributes: [MessageAttribute] = []
        for member in map?.members ?? [] {
            let value = member.value.structure ?? [:]
            attributes.append(
                try MessageAttribute(
                    name: member.name, dataType: value.string("DataType") ?? "", text: value.string("StringValue"),
                    binary: value.blob("BinaryValue")))
        }
        return attributes
    }

    /// The attributes of a task's parameters: `{"NAME": {"DataType": …, "StringValue": …}}`.
    package static func parse(_ map: JSONValue) throws(APIError) -> [MessageAttribute] {
        guard let object = map.object else { throw SNSError.invalidParameter("MessageAttributes") }
        var attributes: [MessageAttribute] = []
        for member in object.members {
            let binary = member.value["BinaryValue"]?.string.flatMap { Base64.decode($0.bytes) }
            attributes.append(
                try MessageAttribute(
                    name: member.key.text, dataType: member.value["DataType"]?.text ?? "",
                    text: member.value["StringValue"]?.text, binary: binary))
        }
        return attributes
    }

    /// As filter policies see it.
    var filtered: FilterPolicy.Attribute { FilterPolicy.Attribute(name: name, dataType: dataType, value: value) }

    /// As a message of a queue has it.
    var ofQueue: QueueMessageAttribute {
        let isBinary = dataType.utf8.starts(with: "Binary".utf8)
        return QueueMessageAttribute(
            name: name, dataType: dataType, value: isBinary ? .binary(Base64.decode(value.utf8) ?? []) : .string(value))
    }

    /// What it counts of a message's size: name, type and value.
    var size: Int { name.utf8.count + dataType.utf8.count + value.utf8.count }

    private static func check(name: String) throws(APIError) {
        guard !name.isEmpty, name.utf8.count <= 256 else {
            throw SNSError.invalidValue("Length of message attribute name must be less than 256 bytes.")
        }
        if name.hasPrefix(".") { throw SNSError.invalidValue("Invalid message attribute name starting with character '.' was found.") }
        if name.hasSuffix(".") { throw SNSError.invalidValue("Invalid message attribute name ending with character '.' was found.") }
        var previous: UInt8 = 0
        for byte in name.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "-"), UInt8(ascii: "_"):
                break
            case UInt8(ascii: "."):
                guard previous != byte else {
                    throw SNSError.invalidValue("Message attribute name can not have successive '.' character.")
                }
            default:
                throw SNSError.invalidValue(
                    "Invalid non-alphanumeric character '#x\(String(byte, radix: 16).uppercased())' was found in the message attribute "
                        + "name. Can only include alphanumeric characters, hyphens, underscores, or dots.")
            }
            previous = byte
        }
    }
}

package import AWSProtocols
import JSONCore
package import Store

/// The attributes of a message as the API has them (Amazon SQS Developer Guide, "Amazon SQS message metadata").
extension QueueMessageAttribute {
    /// How many attributes a message may have.
    private static let limit = 10

    /// The attributes of a request, checked; in the request's order.
    /// - Parameter kind: how errors call them, `(user)` or `system`.
    package static func parse(_ map: APIStructure?, kind: String = "(user)") throws(APIError) -> [QueueMessageAttribute] {
        guard let map, !map.isEmpty else { return [] }
        guard map.count <= limit else {
            throw SQSError.invalidParameter(
                "Number of message attributes [\(map.count)] exceeds the allowed maximum [\(limit)].")
        }
        var attributes: [QueueMessageAttribute] = []
        attributes.reserveCapacity(map.count)
        for member in map.members { attributes.append(try attribute(member.name, member.value.structure ?? [:], kind)) }
        return attributes
    }

    /// What it counts of a message's size, in bytes.
    package var size: Int {
        let length =
            switch value {
            case .string(let text): text.utf8.count
            case .binary(let bytes): bytes.count
            }
        return name.utf8.count + dataType.utf8.count + length
    }

    /// As ReceiveMessage shows it.
    package var shown: APIValue {
        switch value {
        case .string(let text): ["StringValue": .string(text), "DataType": .string(dataType)]
        case .binary(let bytes): ["BinaryValue": .blob(bytes), "DataType": .string(dataType)]
        }
    }

    private static func attribute(
        _ name: String, _ source: APIStructure, _ kind: String
    ) throws(APIError) -> QueueMessageAttribute {
        try check(name: name, kind)
        let dataType = source.string("DataType") ?? ""
        guard !dataType.isEmpty else {
            throw SQSError.invalidParameter("The message \(kind) attribute '\(name)' must contain a non-empty message attribute type.")
        }
        let base = String(dataType.prefix { $0 != "." })
        guard ["String", "Number", "Binary"].contains(base) else {
            throw SQSError.invalidParameter(
                "The type of message \(kind) attribute '\(name)' is invalid. You must use only the following supported type prefixes: "
                    + "Binary, Number, String.")
        }
        guard dataType.utf8.count < 256 else {
            throw SQSError.invalidParameter("Message \(kind) attribute type must be shorter than 256 bytes.")
        }
        let text = source.string("StringValue")
        let bytes = source.blob("BinaryValue")
        guard text == nil || bytes == nil else {
            throw SQSError.invalidParameter("Message \(kind) attribute '\(name)' must have a single value.")
        }
        guard !(text?.isEmpty ?? bytes?.isEmpty ?? true) else {
            throw SQSError.invalidParameter(
                "Message \(kind) attribute '\(name)' must contain a non-empty value of type '\(dataType)'.")
        }
        let value = try value(name, base, dataType, text, bytes, kind)
        return QueueMessageAttribute(name: name, dataType: dataType, value: value)
    }

    private static func value(
        _ name: String, _ base: String, _ dataType: String, _ text: String?, _ bytes: [UInt8]?, _ kind: String
    ) throws(APIError) -> Value {
        if base == "Binary" {
            guard let bytes else {
                throw SQSError.invalidParameter("Message \(kind) attribute '\(name)' with type 'Binary' must use field 'Binary'.")
            }
            return .binary(bytes)
        }
        guard let text else {
            throw SQSError.invalidParameter("Message \(kind) attribute '\(name)' with type '\(dataType)' must use field 'String'.")
        }
        if base == "Number", JSONNumber(literal: Array(text.utf8)) == nil, Double(text)?.isFinite != true {
            throw SQSError.invalidParameter("Can't cast the value of message \(kind) attribute '\(name)' to a number.")
        }
        try MessageText.check(text, in: "message attribute '\(name)' value")
        return .string(text)
    }

    private static func check(name: String, _ kind: String) throws(APIError) {
        let bytes = name.utf8
        guard !bytes.isEmpty else {
            throw SQSError.invalidParameter("The request must contain non-empty message \(kind) attribute names.")
        }
        guard bytes.count <= 256 else {
            throw SQSError.invalidParameter("Message \(kind) attribute name must be shorter than 256 bytes.")
        }
        let lowered = name.lowercased()
        guard !lowered.hasPrefix("aws."), !lowered.hasPrefix("amazon.") else {
            throw SQSError.invalidParameter(
                "You can't use message attribute names beginning with 'AWS.' or 'Amazon'. These strings are reserved for internal use.")
        }
        let dot = UInt8(ascii: ".")
        if bytes.first == dot {
            throw SQSError.invalidParameter("Message \(kind) attribute name must not begin with character '.'.")
        }
        if bytes.last == dot {
            throw SQSError.invalidParameter("Message \(kind) attribute name must not end with character '.'.")
        }
        var previous: UInt8 = 0
        for byte in bytes {
            if byte == dot, previous == dot {
                throw SQSError.invalidParameter("Message \(kind) attribute name must not have successive '.' characters.")
            }
            guard byte == dot || QueueNameRules.isNameByte(byte) else {
                throw SQSError.invalidParameter(
                    "Invalid non-alphanumeric character '#x\(String(byte, radix: 16, uppercase: true))' was found in the message "
                        + "\(kind) attribute name. Can only include alphanumeric characters, hyphens, underscores, or dots.")
            }
            previous = byte
        }
    }
}

package import JSONCore

/// A value that travels as a JSON object.
package protocol WireMessage: Sendable, Equatable {
    /// The message as JSON.
    var json: JSONValue { get }
    /// Reads the message; unknown members are ignored.
    init(json: JSONValue) throws(WireError)
}

extension WireMessage {
    /// The message as compact JSON text.
    package var bytes: [UInt8] { JSONWriter.bytes(of: json) }

    /// Reads a message from JSON text.
    package init(bytes: [UInt8]) throws(WireError) {
        let value: JSONValue
        do throws(JSONParseError) {
            value = try JSONParser.parse(bytes)
        } catch {
            throw WireError(member: "", expected: "JSON text")
        }
        try self.init(json: value)
    }
}

/// Typed access to the members of a JSON object that came by the wire.
struct WireReader {
    private let object: JSONObject

    init(_ value: JSONValue) throws(WireError) {
        guard let object = value.object else { throw WireError(member: "", expected: "an object") }
        self.object = object
    }

    /// The member, nil when it is absent or null.
    func optional(_ name: String) -> JSONValue? {
        guard let value = object[name], !value.isNull else { return nil }
        return value
    }

    func value(_ name: String) throws(WireError) -> JSONValue {
        guard let value = optional(name) else { throw WireError(member: name, expected: "a value") }
        return value
    }

    func text(_ name: String) throws(WireError) -> String {
        guard let text = try value(name).text else { throw WireError(member: name, expected: "a string") }
        return text
    }

    func optionalText(_ name: String) throws(WireError) -> String? {
        optional(name) == nil ? nil : try text(name)
    }

    func integer(_ name: String) throws(WireError) -> Int64 {
        guard let integer = try value(name).integer else { throw WireError(member: name, expected: "a whole number") }
        return integer
    }

    func int(_ name: String) throws(WireError) -> Int {
        guard let int = Int(exactly: try integer(name)) else { throw WireError(member: name, expected: "a smaller number") }
        return int
    }

    func optionalInteger(_ name: String) throws(WireError) -> Int64? {
        optional(name) == nil ? nil : try integer(name)
    }

    func optionalInt(_ name: String) throws(WireError) -> Int? {
        optional(name) == nil ? nil : try int(name)
    }

    /// A boolean, false when absent.
    func flag(_ name: String) throws(WireError) -> Bool {
        guard let value = optional(name) else { return false }
        guard let flag = value.bool else { throw WireError(member: name, expected: "a boolean") }
        return flag
    }

    /// A list, empty when absent.
    func list<Element>(
        _ name: String, _ read: (JSONValue) throws(WireError) -> Element
    ) throws(WireError) -> [Element] {
        guard let value = optional(name) else { return [] }
        guard let array = value.array else { throw WireError(member: name, expected: "a list") }
        var result: [Element] = []
        result.reserveCapacity(array.count)
        for element in array {
            do throws(WireError) {
                result.append(try read(element))
            } catch {
                throw error.inside(name)
            }
        }
        return result
    }

    /// A nested message.
    func message<Message: WireMessage>(_ name: String) throws(WireError) -> Message {
        let value = try value(name)
        do throws(WireError) {
            return try Message(json: value)
        } catch {
            throw error.inside(name)
        }
    }

    /// A nested message, nil when absent.
    func optionalMessage<Message: WireMessage>(_ name: String) throws(WireError) -> Message? {
        guard optional(name) != nil else { return nil }
        let message: Message = try message(name)
        return message
    }

    func optionalChoice<Choice: RawRepresentable>(_ name: String) throws(WireError) -> Choice? where Choice.RawValue == String {
        guard optional(name) != nil else { return nil }
        let choice: Choice = try choice(name)
        return choice
    }

    func choice<Choice: RawRepresentable>(_ name: String) throws(WireError) -> Choice where Choice.RawValue == String {
        guard let choice = Choice(rawValue: try text(name)) else {
            throw WireError(member: name, expected: "one of its known values")
        }
        return choice
    }

    /// Text by text, empty when absent, in the order of the wire.
    func pairs(_ name: String) throws(WireError) -> [NamedValue] {
        guard let value = optional(name) else { return [] }
        guard let object = value.object else { throw WireError(member: name, expected: "an object") }
        var result: [NamedValue] = []
        for member in object.members {
            guard let text = member.value.text else { throw WireError(member: name, expected: "strings") }
            result.append(NamedValue(name: member.key.text, value: text))
        }
        return result
    }
}

extension WireError {
    func inside(_ name: String) -> WireError {
        WireError(member: member.isEmpty ? name : "\(name).\(member)", expected: expected)
    }
}

extension JSONObject {
    /// An object of these members, typed so that literals need no help.
    static func of(_ members: (JSONString, JSONValue)...) -> JSONObject { JSONObject(members) }

    /// Sets a member only when there is a value.
    mutating func setText(_ name: JSONString, _ value: String?) {
        if let value { self[name] = .text(value) }
    }

    /// Sets a member only when there is a value.
    mutating func setInteger(_ name: JSONString, _ value: (some BinaryInteger)?) {
        if let value { self[name] = .integer(Int64(value)) }
    }
}

/// Named values in order: the input or output of an operation, a nested structure, or a map.
///
/// Look-up is linear: structures have few members, and maps on the wire (tags, environment variables) are small and bounded.
package struct APIStructure: Sendable, Equatable {
    /// One named value.
    package struct Member: Sendable, Equatable {
        /// The member's name in the model, or the map's key.
        package let name: String
        /// Its value.
        package var value: APIValue

        /// A member of this name and value.
        package init(name: String, value: APIValue) {
            self.name = name
            self.value = value
        }
    }

    /// The members in order.
    package private(set) var members: [Member]

    /// An empty structure.
    package init() {
        members = []
    }

    /// A structure of these members; the names must differ.
    package init(_ members: some Sequence<(String, APIValue)>) {
        self.members = members.map { Member(name: $0, value: $1) }
    }

    /// An empty structure with room for `capacity` members.
    package init(capacity: Int) {
        members = []
        members.reserveCapacity(capacity)
    }

    /// How many members there are.
    package var count: Int { members.count }

    /// Whether there is no member.
    package var isEmpty: Bool { members.isEmpty }

    /// The value of a name. Setting nil removes the member; setting a new name appends it.
    package subscript(name: String) -> APIValue? {
        get {
            for member in members where member.name == name { return member.value }
            return nil
        }
        set {
            guard let index = members.firstIndex(where: { $0.name == name }) else {
                if let newValue { members.append(Member(name: name, value: newValue)) }
                return
            }
            if let newValue {
                members[index].value = newValue
            } else {
                members.remove(at: index)
            }
        }
    }

    /// Appends a member whose name is known to be new.
    package mutating func append(_ name: String, _ value: APIValue) {
        members.append(Member(name: name, value: value))
    }

    /// Whether there is a member of this name that is not null.
    package func contains(_ name: String) -> Bool {
        guard let value = self[name] else { return false }
        return !value.isNull
    }
}

extension APIStructure: ExpressibleByDictionaryLiteral {
    /// A structure of the literal's members; the names must differ.
    package init(dictionaryLiteral elements: (String, APIValue)...) {
        self.init(elements)
    }
}

/// Typed access for handlers. A member that is absent, null or of another kind reads as nil or empty.
extension APIStructure {
    /// A text.
    package func string(_ name: String) -> String? { self[name]?.string }

    /// A text that the model requires.
    /// - Throws: `InternalFailure` when it is absent: the model has checked that it is there, so its absence is a defect.
    package func requiredString(_ name: String) throws(APIError) -> String {
        guard let value = string(name) else { throw APIError.internalFailure("The member '\(name)' is missing.") }
        return value
    }

    /// A whole number.
    package func integer(_ name: String) -> Int64? { self[name]?.integer }

    /// A number.
    package func double(_ name: String) -> Double? { self[name]?.double }

    /// A boolean.
    package func bool(_ name: String) -> Bool? { self[name]?.bool }

    /// Bytes.
    package func blob(_ name: String) -> [UInt8]? { self[name]?.blob }

    /// An instant in milliseconds since 1970.
    package func timestamp(_ name: String) -> Int64? { self[name]?.timestamp }

    /// A list; nil when absent, so that an empty list can be told apart.
    package func list(_ name: String) -> [APIValue]? { self[name]?.list }

    /// The texts of a list of texts; empty when absent.
    package func strings(_ name: String) -> [String] { self[name]?.list?.compactMap(\.string) ?? [] }

    /// A structure or map; nil when absent.
    package func structure(_ name: String) -> APIStructure? { self[name]?.structure }

    /// The structures of a list of structures; empty when absent.
    package func structures(_ name: String) -> [APIStructure] { self[name]?.list?.compactMap(\.structure) ?? [] }

    /// The entries of a map of texts, in the order of the request; empty when absent.
    package func stringMap(_ name: String) -> [(String, String)] {
        self[name]?.structure?.members.compactMap { member in member.value.string.map { (member.name, $0) } } ?? []
    }

    /// The entries of a map of lists of texts, such as Run Command's `Parameters`; empty when absent.
    package func stringListMap(_ name: String) -> [(String, [String])] {
        self[name]?.structure?.members.compactMap { member in
            member.value.list.map { (member.name, $0.compactMap(\.string)) }
        } ?? []
    }
}

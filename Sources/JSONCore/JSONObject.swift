/// A JSON object that keeps the order of its members. Keys are unique and compare by bytes.
///
/// Look-up is linear up to a few members and by hash beyond, so small objects, which most are, cost one allocation.
public struct JSONObject: Sendable {
    /// One member of an object.
    public struct Member: Sendable {
        /// The key.
        public let key: JSONString
        /// The value.
        public var value: JSONValue

        /// A member of this key and value.
        @inlinable
        public init(key: JSONString, value: JSONValue) {
            self.key = key
            self.value = value
        }
    }

    /// The members in order.
    public private(set) var members: [Member]
    private var positions: [JSONString: Int]? = nil

    private static let linearLimit = 12

    /// An empty object.
    public init() {
        members = []
        positions = nil
    }

    /// An object of these members; of members with the same key the last value stays, at the first one's place.
    public init(_ members: some Sequence<(JSONString, JSONValue)>) {
        self.init()
        for (key, value) in members { self[key] = value }
    }

    /// Makes an object with room for `capacity` members.
    public init(capacity: Int) {
        self.init()
        members.reserveCapacity(capacity)
    }

    /// Takes members as they were parsed, if their keys differ.
    init?(uniqueMembers members: [Member]) {
        self.members = members
        guard members.count > JSONObject.linearLimit else {
            for position in members.indices.dropFirst() {
                for earlier in 0..<position where members[earlier].key == members[position].key { return nil }
            }
            return
        }
        let table = JSONObject.table(of: members)
        guard table.count == members.count else { return nil }
        positions = table
    }

    /// How many members there are.
    public var count: Int { members.count }

    /// True when there is no member.
    public var isEmpty: Bool { members.isEmpty }

    /// The keys in order.
    public var keys: [JSONString] { members.map(\.key) }

    /// The value of a key. Setting nil removes the member; setting a new key appends it.
    public subscript(key: JSONString) -> JSONValue? {
        get { position(of: key).map { members[$0].value } }
        set {
            if let newValue {
                set(key, newValue)
            } else {
                remove(key)
            }
        }
    }

    /// The value of a key given as Swift text, compared by bytes.
    public subscript(key: String) -> JSONValue? {
        get {
            self[JSONString(key)]
        }
        set { self[JSONString(key)] = newValue }
    }

    /// True when the object has the key, also with the value null.
    public func contains(_ key: JSONString) -> Bool { position(of: key) != nil }

    /// Where the key stands among the members, nil when absent.
    public func position(of key: JSONString) -> Int? {
        if let positions { return positions[key] }
        return members.firstIndex { $0.key == key }
    }

    /// Sets the value of a key in place, or appends the member. Answers false when the key was there before.
    @discardableResult
    public mutating func set(_ key: JSONString, _ value: JSONValue) -> Bool {
        if let position = position(of: key) {
            members[position].value = value
            return false
        }
        members.append(Member(key: key, value: value))
        if positions != nil {
            positions?[key] = members.count - 1
        } else if members.count > JSONObject.linearLimit {
            positions = JSONObject.table(of: members)
        }
        return true
    }

    private static func table(of members: [Member]) -> [JSONString: Int] {
        var table: [JSONString: Int] = [:]
        table.reserveCapacity(members.count + members.count / 2)
        for (index, member) in members.enumerated() { table[member.key] = index }
        return table
    }

    /// Removes a member; the others keep their order.
    public mutating func remove(_ key: JSONString) {
        guard let position = position(of: key) else { return }
        members.remove(at: position)
        if positions != nil { positions = JSONObject.table(of: members) }
    }

    /// Changes the value of a member in place without copying it; the member is made as null when it is absent.
    public mutating func update<Result>(_ key: JSONString, _ body: (inout JSONValue) -> Result) -> Result {
        if position(of: key) == nil { set(key, .null) }
        guard let position = position(of: key) else { preconditionFailure("the member was set on the line above") }
        return body(&members[position].value)
    }
}

extension JSONObject: Hashable {
    /// Objects are equal when they have equal members, in any order.
    public static func == (left: JSONObject, right: JSONObject) -> Bool {
        guard left.count == right.count else { return false }
        for member in left.members where right[member.key] != member.value { return false }
        return true
    }

    /// Hashes independently of the order of the members.
    public func hash(into hasher: inout Hasher) {
        var sum = 0
        for member in members {
            var inner = Hasher()
            inner.combine(member.key)
            inner.combine(member.value)
            sum &+= inner.finalize()
        }
        hasher.combine(sum)
    }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    /// An object of literal members, in the order written.
    public init(dictionaryLiteral elements: (JSONString, JSONValue)...) {
        self.init(elements)
    }
}

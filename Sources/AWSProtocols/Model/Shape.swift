package import JSONCore

/// A type of a service's API: its kind, its constraints and how it is written. Made once per service, then only read.
///
/// Shapes refer to each other by position in their `ServiceModel`, because types may contain themselves.
package final class Shape: Sendable {
    /// What the shape is.
    package enum Kind: Sendable {
        case structure(StructureLayout)
        case list(element: MemberModel)
        case map(key: MemberModel, value: MemberModel)
        case string
        /// A whole number of 32 bits.
        case integer
        /// A whole number of 64 bits.
        case long
        /// A floating-point number of either width.
        case double
        case boolean
        case blob
        case timestamp
        /// Any JSON.
        case document
    }

    /// The name in the model: `StartExecutionInput`.
    package let name: String
    /// What it is.
    package let kind: Kind
    /// What its values must satisfy.
    package let constraints: Constraints
    /// Query and XML: lists and maps stand without a wrapper of their own.
    package let isFlattened: Bool
    /// Values must not appear in messages or logs.
    package let isSensitive: Bool
    /// How the error is told; nil for shapes that are no errors.
    package let error: ErrorTrait?
    /// The format of a timestamp where the shape departs from its protocol's.
    package let timestampFormat: TimestampFormat?
    /// XML: the namespace that elements of the shape declare, for their attributes.
    package let xmlNamespace: XMLNamespace?

    /// A shape of these traits.
    package init(
        name: String, kind: Kind, constraints: Constraints = Constraints(), isFlattened: Bool = false,
        isSensitive: Bool = false, error: ErrorTrait? = nil, timestampFormat: TimestampFormat? = nil,
        xmlNamespace: XMLNamespace? = nil
    ) {
        self.name = name
        self.kind = kind
        self.constraints = constraints
        self.isFlattened = isFlattened
        self.isSensitive = isSensitive
        self.error = error
        self.timestampFormat = timestampFormat
        self.xmlNamespace = xmlNamespace
    }

    /// The members of a structure, nil for other kinds.
    package var layout: StructureLayout? {
        if case .structure(let layout) = kind { layout } else { nil }
    }
}

/// A namespace with the prefix under which an element declares it: `xmlns:xsi="…"`.
package struct XMLNamespace: Sendable, Equatable {
    /// The prefix: `xsi`.
    package let prefix: String
    /// The namespace's name.
    package let uri: String

    /// A namespace of this prefix and name.
    package init(prefix: String, uri: String) {
        self.prefix = prefix
        self.uri = uri
    }
}

/// How an instant is written.
package enum TimestampFormat: String, Sendable {
    /// Seconds since 1970, with a fraction.
    case unixTimestamp
    /// `2026-11-20T23:35:56Z`.
    case iso8601
    /// `Fri, 20 Nov 2026 23:35:56 GMT`.
    case rfc822
}

/// What AWS's model says of an error beside its members.
package struct ErrorTrait: Sendable {
    /// The code on the wire of the Query protocol, where it is not the shape's name.
    package let code: String?
    /// The HTTP status; nil means 400, or 500 for a fault of the server.
    package let httpStatus: Int?
    /// Whether the server is at fault.
    package let isFault: Bool
    /// How the member with the message is spelled: `message` or `Message`.
    package let messageName: String
    /// What stands before the name in `__type`, where it is not the service's own namespace.
    package let namespace: String?
    /// The message in answers of the Query protocol, where it always is another one than in JSON.
    package let queryMessage: String?

    /// A trait of these values.
    package init(
        code: String?, httpStatus: Int?, isFault: Bool, messageName: String, namespace: String? = nil, queryMessage: String? = nil
    ) {
        self.code = code
        self.httpStatus = httpStatus
        self.isFault = isFault
        self.messageName = messageName
        self.namespace = namespace
        self.queryMessage = queryMessage
    }
}

/// The members of a structure and where to find them.
package struct StructureLayout: Sendable {
    /// The members in the model's order.
    package let members: [MemberModel]
    /// REST: the position of the member that is the whole body.
    package let payload: Int?
    private let positions: [String: Int]

    /// A layout of these members; `payload` names the member that is the whole body.
    package init(members: [MemberModel], payload: String? = nil) {
        self.members = members
        self.payload = payload.flatMap { name in members.firstIndex { $0.name == name } }
        // Few members are found faster by looking than by hashing.
        positions = members.count <= 8 ? [:] : Dictionary(uniqueKeysWithValues: members.indices.map { (members[$0].name, $0) })
    }

    /// The member of this name, nil when there is none.
    package func member(named name: String) -> MemberModel? {
        if members.count > 8 { return positions[name].map { members[$0] } }
        for member in members where member.name == name { return member }
        return nil
    }
}

/// A member of a structure, or what a list or map holds.
package struct MemberModel: Sendable {
    /// Where a REST protocol carries the member.
    package enum Location: Sendable {
        case body, header, headers, uri, querystring, statusCode
    }

    /// The name in the model, under which handlers know it.
    package let name: String
    /// The name on the wire, when the model gives one.
    package let locationName: String?
    /// The name in forms and XML where the model, which knows JSON only, does not give it (`QueryOverlay`).
    package let queryName: String?
    /// The key in JSON.
    package let jsonKey: JSONString
    /// Where a REST protocol carries it.
    package let location: Location
    /// Whether a request must have it.
    package let isRequired: Bool
    /// Query and XML: the list or map stands without a wrapper of its own.
    package let isFlattened: Bool
    /// XML: an attribute of its structure's element and no element of its own.
    package let isXMLAttribute: Bool
    /// The position of its shape in the service's model.
    package let shape: Int

    /// A member of these traits.
    package init(
        name: String, locationName: String? = nil, queryName: String? = nil, location: Location = .body, isRequired: Bool = false,
        isFlattened: Bool = false, isXMLAttribute: Bool = false, shape: Int
    ) {
        self.name = name
        self.locationName = locationName
        self.queryName = queryName
        jsonKey = JSONString(locationName ?? name)
        self.location = location
        self.isRequired = isRequired
        self.isFlattened = isFlattened
        self.isXMLAttribute = isXMLAttribute
        self.shape = shape
    }

    /// The name on the wire.
    package var wireName: String { locationName ?? name }

    /// The name in forms and XML.
    package var formName: String { queryName ?? wireName }

    /// The name in forms and XML, when there is one beside the member's own: that of a list's elements or a map's keys.
    package var elementName: String? { queryName ?? locationName }
}

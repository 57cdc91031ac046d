/// Reads XML elements into values of a model's shapes, as S3 takes them.
///
/// Elements that the model does not have are ignored. What is missing or is no value of its shape makes the whole document malformed:
/// S3 checks its documents against a schema and has no finer error.
struct XMLInput {
    private let model: ServiceModel
    /// Whether what is missing or is no value of an enumeration makes the document malformed.
    private let isStrict: Bool

    /// A reader for this service: strict with what clients send, lenient with what a newer service may answer.
    init(_ model: ServiceModel, isStrict: Bool = true) {
        self.model = model
        self.isStrict = isStrict
    }

    /// The value that a document stands for.
    /// - Parameter name: the outermost element's name.
    func document(_ bytes: [UInt8], _ shape: Shape, named name: String) throws(APIError) -> APIValue {
        let root: XMLElement
        do {
            root = try XMLParser.parse(bytes)
        } catch {
            throw XMLInput.malformed()
        }
        guard root.name == name else { throw XMLInput.malformed() }
        return try value(root, shape)
    }

    /// The members of a structure that belong to a document and not to headers.
    func members(_ root: XMLElement, _ layout: StructureLayout) throws(APIError) -> APIStructure {
        var structure = APIStructure(capacity: layout.members.count)
        for member in layout.members where member.location == .body {
            if let value = try value(of: member, in: root) { structure.append(member.name, value) }
        }
        return structure
    }

    /// The value of an element.
    func content(_ element: XMLElement, _ shape: Shape) throws(APIError) -> APIValue {
        try value(element, shape)
    }

    /// `MalformedXML`, in S3's words.
    static func malformed() -> APIError {
        APIError(
            "MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema",
            httpStatus: 400)
    }

    private func value(_ element: XMLElement, _ shape: Shape) throws(APIError) -> APIValue {
        switch shape.kind {
        case .structure(let layout): return .structure(try structure(element, layout))
        case .list(let member): return .list(try list(element.children(named: member.elementName ?? "member"), member))
        case .map, .document: throw XMLInput.malformed()
        case .string: return try text(element.text, shape)
        default:
            // White space around numbers and instants is nobody's; in a text it may belong to a key.
            return try text(XMLInput.trimmed(element.text), shape)
        }
    }

    private func structure(_ element: XMLElement, _ layout: StructureLayout) throws(APIError) -> APIStructure {
        var structure = APIStructure(capacity: layout.members.count)
        for member in layout.members {
            if let value = try value(of: member, in: element) {
                structure.append(member.name, value)
            } else if isStrict, member.isRequired {
                throw XMLInput.malformed()
            }
        }
        return structure
    }

    private func value(of member: MemberModel, in element: XMLElement) throws(APIError) -> APIValue? {
        let shape = model.shape(of: member)
        if member.isXMLAttribute {
            let name = member.wireName.split(separator: ":").last.map(String.init) ?? member.wireName
            guard let text = element.attributes.first(where: { $0.name == name })?.value else { return nil }
            return try self.text(text, shape)
        }
        if case .list(let item) = shape.kind, member.isFlattened || shape.isFlattened {
            let elements = element.children(named: item.elementName ?? member.wireName)
            return elements.isEmpty ? nil : .list(try list(elements, item))
        }
        return try element.child(member.wireName).map { child throws(APIError) in try value(child, shape) }
    }

    private func list(_ elements: [XMLElement], _ member: MemberModel) throws(APIError) -> [APIValue] {
        let shape = model.shape(of: member)
        var values: [APIValue] = []
        values.reserveCapacity(elements.count)
        for element in elements { values.append(try value(element, shape)) }
        return values
    }

    private func text(_ text: String, _ shape: Shape) throws(APIError) -> APIValue {
        guard let value = TextScalar.value(text, shape) else { throw XMLInput.malformed() }
        if isStrict, !shape.constraints.values.isEmpty, !shape.constraints.values.contains(text) { throw XMLInput.malformed() }
        return value
    }

    private static func trimmed(_ text: String) -> String {
        let isSpace: (Unicode.Scalar) -> Bool = { $0 == " " || $0 == "\t" || $0 == "\n" || $0 == "\r" }
        var scalars = text.unicodeScalars[...]
        while let first = scalars.first, isSpace(first) { scalars.removeFirst() }
        while let last = scalars.last, isSpace(last) { scalars.removeLast() }
        return String(scalars)
    }
}

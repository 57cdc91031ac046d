/// Writes values of a model's shapes as the documents of a REST-XML service.
struct XMLDocument {
    private let model: ServiceModel
    /// The document so far.
    private(set) var bytes: [UInt8]

    /// A document that has its declaration and nothing else yet.
    init(_ model: ServiceModel) {
        self.model = model
        bytes = Array("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".utf8)
    }

    /// Appends the outermost element.
    /// - Parameter isIncluded: which members of a structure belong to the document and not to headers.
    mutating func root(_ name: String, _ value: APIValue, _ shape: Shape, where isIncluded: (MemberModel) -> Bool = { _ in true }) {
        start(name, attributes: [("xmlns", model.xmlNamespace ?? "")])
        if case .structure(let structure) = value, let layout = shape.layout {
            append(structure, layout, where: isIncluded)
        } else if let text = TextScalar.text(value, shape, .iso8601) {
            append(escaped: text)
        }
        end(name)
    }

    /// Appends an element with a text.
    mutating func element(_ name: String, _ text: String) {
        start(name)
        append(escaped: text)
        end(name)
    }

    /// Appends a start tag.
    mutating func start(_ name: String, attributes: [(String, String)] = []) {
        bytes.append(UInt8(ascii: "<"))
        bytes.append(contentsOf: name.utf8)
        for (name, value) in attributes where !value.isEmpty {
            bytes.append(UInt8(ascii: " "))
            bytes.append(contentsOf: name.utf8)
            bytes.append(contentsOf: "=\"".utf8)
            append(escaped: value)
            bytes.append(UInt8(ascii: "\""))
        }
        bytes.append(UInt8(ascii: ">"))
    }

    /// Appends an end tag.
    mutating func end(_ name: String) {
        bytes.append(contentsOf: "</".utf8)
        bytes.append(contentsOf: name.utf8)
        bytes.append(UInt8(ascii: ">"))
    }

    private mutating func append(_ structure: APIStructure, _ layout: StructureLayout, where isIncluded: (MemberModel) -> Bool) {
        for entry in structure.members where !entry.value.isNull {
            guard let member = layout.member(named: entry.name), !member.isXMLAttribute, isIncluded(member) else { continue }
            append(entry.value, member.wireName, isFlattened: member.isFlattened, model.shape(of: member))
        }
    }

    private mutating func append(_ value: APIValue, _ name: String, isFlattened: Bool = false, _ shape: Shape) {
        switch (value, shape.kind) {
        case (.list(let elements), .list(let element)):
            let elementShape = model.shape(of: element)
            if isFlattened || shape.isFlattened {
                for value in elements { append(value, element.elementName ?? name, elementShape) }
            } else {
                start(name)
                for value in elements { append(value, element.elementName ?? "member", elementShape) }
                end(name)
            }
        case (.structure(let structure), .structure(let layout)):
            start(name, attributes: attributes(of: structure, layout, shape))
            append(structure, layout) { _ in true }
            end(name)
        default:
            if let text = TextScalar.text(value, shape, .iso8601) { element(name, text) }
        }
    }

    private func attributes(of structure: APIStructure, _ layout: StructureLayout, _ shape: Shape) -> [(String, String)] {
        let attributes = layout.members.filter(\.isXMLAttribute).compactMap { member in
            structure.string(member.name).map { (member.wireName, $0) }
        }
        guard !attributes.isEmpty, let namespace = shape.xmlNamespace else { return attributes }
        return [("xmlns:" + namespace.prefix, namespace.uri)] + attributes
    }

    /// Appends a text with what XML cannot hold as it is escaped. Control characters, which keys of objects may have, are written as
    /// references, as S3 does; clients that cannot read them ask for `encoding-type=url`.
    private mutating func append(escaped text: String) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "&"): bytes.append(contentsOf: "&amp;".utf8)
            case UInt8(ascii: "<"): bytes.append(contentsOf: "&lt;".utf8)
            case UInt8(ascii: ">"): bytes.append(contentsOf: "&gt;".utf8)
            case UInt8(ascii: "\""): bytes.append(contentsOf: "&quot;".utf8)
            case 0x09, 0x0A, 0x20...0xFF: bytes.append(byte)
            default: bytes.append(contentsOf: "&#x\(String(byte, radix: 16, uppercase: true));".utf8)
            }
        }
    }
}

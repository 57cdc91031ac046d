/// Writes values of a model's shapes as XML, as the Query protocol answers.
struct XMLOutput {
    private let model: ServiceModel?
    /// The XML so far.
    private(set) var bytes: [UInt8] = []

    /// A writer for this service; nil when there are only plain elements to write.
    init(_ model: ServiceModel?) {
        self.model = model
    }

    /// Appends a start tag, with a namespace when there is one.
    mutating func start(_ name: String, namespace: String? = nil) {
        bytes.append(UInt8(ascii: "<"))
        bytes.append(contentsOf: name.utf8)
        if let namespace {
            bytes.append(contentsOf: " xmlns=\"".utf8)
            append(escaped: namespace)
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

    /// Appends an element with a text.
    mutating func element(_ name: String, _ text: String) {
        start(name)
        append(escaped: text)
        end(name)
    }

    /// Appends the members of a structure. Those that are null, or that the model does not have, are left out.
    mutating func append(_ structure: APIStructure, _ layout: StructureLayout) {
        guard let model else { return }
        for entry in structure.members {
            guard !entry.value.isNull, let member = layout.member(named: entry.name) else { continue }
            append(entry.value, member, model.shape(of: member), of: model)
        }
    }

    private mutating func append(_ value: APIValue, _ member: MemberModel, _ shape: Shape, of model: ServiceModel) {
        let isFlattened = member.isFlattened || shape.isFlattened
        switch (value, shape.kind) {
        case (.list(let elements), .list(let element)):
            let elementShape = model.shape(of: element)
            let name = isFlattened ? element.elementName ?? member.formName : element.elementName ?? "member"
            if !isFlattened { start(member.formName) }
            for value in elements { append(value, MemberModel(name: name, shape: element.shape), elementShape, of: model) }
            if !isFlattened { end(member.formName) }
        case (.structure(let entries), .map(let key, let element)):
            let keyName = key.elementName ?? "key"
            let valueMember = MemberModel(name: element.elementName ?? "value", shape: element.shape)
            let elementShape = model.shape(of: element)
            if !isFlattened { start(member.formName) }
            for entry in entries.members where !entry.value.isNull {
                start(isFlattened ? member.formName : "entry")
                self.element(keyName, entry.name)
                append(entry.value, valueMember, elementShape, of: model)
                end(isFlattened ? member.formName : "entry")
            }
            if !isFlattened { end(member.formName) }
        case (.structure(let structure), .structure(let layout)):
            start(member.formName)
            append(structure, layout)
            end(member.formName)
        default:
            if let text = TextScalar.text(value, shape, .iso8601) { element(member.formName, text) }
        }
    }

    /// Appends a text with what XML 1.0 cannot hold as it is escaped; characters that XML has no way to write are replaced.
    private mutating func append(escaped text: String) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "&"): bytes.append(contentsOf: "&amp;".utf8)
            case UInt8(ascii: "<"): bytes.append(contentsOf: "&lt;".utf8)
            case UInt8(ascii: ">"): bytes.append(contentsOf: "&gt;".utf8)
            case UInt8(ascii: "\""): bytes.append(contentsOf: "&quot;".utf8)
            case 0x0D: bytes.append(contentsOf: "&#xD;".utf8)
            case 0x09, 0x0A, 0x20...0xFF: bytes.append(byte)
            default: bytes.append(contentsOf: "\u{FFFD}".utf8)
            }
        }
    }
}

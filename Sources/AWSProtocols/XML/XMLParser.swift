/// Reads the XML that clients of S3 send: UTF-8, elements, attributes, text, entities, CDATA, comments.
///
/// Strict: every element must be closed by its own name and there is one outermost element. Document types are refused, and with them
/// all entities but the five of XML itself, so no text can grow while it is read. Namespaces are not looked at.
struct XMLParser {
    /// The text is no XML that this reader takes.
    struct Malformed: Error {}

    /// Deeper elements are in no document of S3's.
    private static let depthLimit = 16
    private static let attributeLimit = 16

    private let bytes: [UInt8]
    private var position = 0
    /// The elements that are open, the outermost first.
    private var open: [XMLElement] = []
    private var openNames: [ArraySlice<UInt8>] = []
    private var root: XMLElement?

    private init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// The outermost element of a document.
    static func parse(_ bytes: [UInt8]) throws(Malformed) -> XMLElement {
        var parser = XMLParser(bytes)
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { parser.position = 3 }
        return try parser.document()
    }

    private mutating func document() throws(Malformed) -> XMLElement {
        while position < bytes.count {
            if bytes[position] == UInt8(ascii: "<") {
                try markup()
            } else {
                try text()
            }
        }
        guard open.isEmpty, let root else { throw Malformed() }
        return root
    }

    /// What begins with `<`.
    private mutating func markup() throws(Malformed) {
        if skip("<?") {
            _ = try until("?>")
        } else if skip("<!--") {
            _ = try until("-->")
        } else if skip("<![CDATA[") {
            guard !open.isEmpty else { throw Malformed() }
            try append(text: try until("]]>"))
        } else if skip("</") {
            try endTag()
        } else {
            position += 1
            try startTag()
        }
    }

    private mutating func startTag() throws(Malformed) {
        // A document type begins with `<!`, which no name does.
        let name = try name()
        guard root == nil, open.count < XMLParser.depthLimit else { throw Malformed() }
        var element = XMLElement(name: XMLParser.local(name))
        while true {
            let hadSpace = skipSpace()
            if skip("/>") {
                close(element)
                return
            }
            if skip(">") {
                open.append(element)
                openNames.append(name)
                return
            }
            guard hadSpace, element.attributes.count < XMLParser.attributeLimit else { throw Malformed() }
            try attribute(of: &element)
        }
    }

    private mutating func attribute(of element: inout XMLElement) throws(Malformed) {
        let name = try name()
        skipSpace()
        guard skip("=") else { throw Malformed() }
        skipSpace()
        guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") || bytes[position] == UInt8(ascii: "'") else {
            throw Malformed()
        }
        let quote = bytes[position]
        position += 1
        let start = position
        while position < bytes.count, bytes[position] != quote {
            guard bytes[position] != UInt8(ascii: "<") else { throw Malformed() }
            position += 1
        }
        guard position < bytes.count else { throw Malformed() }
        let value = try XMLParser.resolved(bytes[start..<position])
        position += 1
        if name.elementsEqual("xmlns".utf8) || name.starts(with: "xmlns:".utf8) { return }
        element.attributes.append(XMLElement.Attribute(name: XMLParser.local(name), value: value))
    }

    private mutating func endTag() throws(Malformed) {
        let name = try name()
        skipSpace()
        guard skip(">"), let opened = openNames.popLast(), opened == name, let element = open.popLast() else { throw Malformed() }
        close(element)
    }

    private mutating func close(_ element: XMLElement) {
        if open.isEmpty {
            root = element
        } else {
            open[open.count - 1].children.append(element)
        }
    }

    private mutating func text() throws(Malformed) {
        let start = position
        while position < bytes.count, bytes[position] != UInt8(ascii: "<") { position += 1 }
        if open.isEmpty {
            // Between prologue and root, and after it, there is white space only.
            guard bytes[start..<position].allSatisfy(XMLParser.isSpace) else { throw Malformed() }
        } else {
            open[open.count - 1].text += try XMLParser.resolved(bytes[start..<position])
        }
    }

    private mutating func append(text: ArraySlice<UInt8>) throws(Malformed) {
        guard let text = String(validating: text, as: UTF8.self) else { throw Malformed() }
        open[open.count - 1].text += text
    }

    /// A name with its prefix.
    private mutating func name() throws(Malformed) -> ArraySlice<UInt8> {
        let start = position
        while position < bytes.count, XMLParser.isNameByte(bytes[position]) { position += 1 }
        guard position > start, !(0x30...0x39).contains(bytes[start]), bytes[start] != 0x2D, bytes[start] != 0x2E else {
            throw Malformed()
        }
        return bytes[start..<position]
    }

    private mutating func skip(_ token: StaticString) -> Bool {
        let count = token.utf8CodeUnitCount
        guard position + count <= bytes.count else { return false }
        let matches = token.withUTF8Buffer { token in token.elementsEqual(bytes[position..<position + count]) }
        if matches { position += count }
        return matches
    }

    @discardableResult private mutating func skipSpace() -> Bool {
        let start = position
        while position < bytes.count, XMLParser.isSpace(bytes[position]) { position += 1 }
        return position > start
    }

    /// What stands before the token, which is skipped too.
    private mutating func until(_ token: StaticString) throws(Malformed) -> ArraySlice<UInt8> {
        let start = position
        while position < bytes.count {
            let end = position
            if skip(token) { return bytes[start..<end] }
            position += 1
        }
        throw Malformed()
    }
}

extension XMLParser {
    /// The text with its entities resolved.
    private static func resolved(_ bytes: ArraySlice<UInt8>) throws(Malformed) -> String {
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count)
        var index = bytes.startIndex
        while index < bytes.endIndex {
            let byte = bytes[index]
            guard byte == UInt8(ascii: "&") else {
                // Line ends are read as line feeds (XML 1.0, section 2.11); other control characters are not allowed.
                if byte == 0x0D {
                    if bytes.index(after: index) == bytes.endIndex || bytes[index + 1] != 0x0A { output.append(0x0A) }
                } else {
                    guard byte >= 0x20 || byte == 0x09 || byte == 0x0A else { throw Malformed() }
                    output.append(byte)
                }
                index += 1
                continue
            }
            guard let end = bytes[index...].prefix(12).firstIndex(of: UInt8(ascii: ";")) else { throw Malformed() }
            try append(entity: bytes[(index + 1)..<end], to: &output)
            index = end + 1
        }
        guard let text = String(validating: output, as: UTF8.self) else { throw Malformed() }
        return text
    }

    private static func append(entity name: ArraySlice<UInt8>, to output: inout [UInt8]) throws(Malformed) {
        let text = String(decoding: name, as: UTF8.self)
        switch text {
        case "amp": output.append(UInt8(ascii: "&"))
        case "lt": output.append(UInt8(ascii: "<"))
        case "gt": output.append(UInt8(ascii: ">"))
        case "quot": output.append(UInt8(ascii: "\""))
        case "apos": output.append(UInt8(ascii: "'"))
        default:
            // Control characters may be written so (XML 1.1): keys of objects hold any of them but zero.
            let code = text.hasPrefix("#x") ? UInt32(text.dropFirst(2), radix: 16) : text.hasPrefix("#") ? UInt32(text.dropFirst()) : nil
            guard let code, code > 0, let scalar = Unicode.Scalar(code) else { throw Malformed() }
            output.append(contentsOf: Character(scalar).utf8)
        }
    }

    private static func local(_ name: ArraySlice<UInt8>) -> String {
        let start = name.firstIndex(of: UInt8(ascii: ":")).map { $0 + 1 } ?? name.startIndex
        return String(decoding: name[start...], as: UTF8.self)
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x41...0x5A, 0x61...0x7A, 0x30...0x39, 0x2D, 0x2E, 0x3A, 0x5F, 0x80...0xFF: true
        default: false
        }
    }
}

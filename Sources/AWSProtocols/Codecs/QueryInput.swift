import TimeSource

/// Reads the form of a Query request into values of a model's shapes.
///
/// The form's names are paths: `Attributes.entry.1.key`, `Names.member.2`, or without the middle part where the model says flattened
/// (AWS SDK documentation of the Query protocol; Smithy, "AWS Query protocol").
struct QueryInput {
    /// The form as a tree, cut at the dots of its names.
    private struct Node {
        var value: String?
        var children: [(name: String, node: Node)] = []

        func child(_ name: String) -> Node? {
            for child in children where child.name == name { return child.node }
            return nil
        }

        func descendant(_ path: String) -> Node? {
            var node: Node? = self
            for part in path.split(separator: ".") { node = node?.child(String(part)) }
            return node
        }

        mutating func insert(_ path: ArraySlice<Substring>, _ value: String) {
            guard let first = path.first else {
                self.value = value
                return
            }
            if let index = children.firstIndex(where: { $0.name == first }) {
                children[index].node.insert(path.dropFirst(), value)
            } else {
                var node = Node()
                node.insert(path.dropFirst(), value)
                children.append((String(first), node))
            }
        }

        /// The children with numbers for names, in their order.
        var numbered: [Node] {
            children.compactMap { child in Int(child.name).map { ($0, child.node) } }.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    /// More names than this are no honest request, and the tree is built by looking.
    private static let fieldLimit = 5_000
    /// Names with more parts than this are no honest request either.
    private static let depthLimit = 32

    private let model: ServiceModel

    /// A reader for this service.
    init(_ model: ServiceModel) {
        self.model = model
    }

    /// The input of an operation out of the form's fields.
    func structure(_ fields: [(String, String)], _ layout: StructureLayout) throws(APIError) -> APIStructure {
        guard fields.count <= QueryInput.fieldLimit else { throw malformed("The request has too many parameters") }
        var root = Node()
        for (name, value) in fields {
            let path = name.split(separator: ".", omittingEmptySubsequences: false)
            guard path.count <= QueryInput.depthLimit else { throw malformed("The parameter \(name) is nested too deeply") }
            root.insert(path[...], value)
        }
        return try structure(root, layout)
    }

    private func structure(_ node: Node, _ layout: StructureLayout) throws(APIError) -> APIStructure {
        var structure = APIStructure()
        for member in layout.members {
            let shape = model.shape(of: member)
            guard let value = try value(at: member, shape, in: node) else { continue }
            structure.append(member.name, value)
        }
        return structure
    }

    private func value(at member: MemberModel, _ shape: Shape, in parent: Node) throws(APIError) -> APIValue? {
        let isFlattened = member.isFlattened || shape.isFlattened
        switch shape.kind {
        case .list(let element):
            guard let items = listItems(member, element, isFlattened: isFlattened, in: parent) else { return nil }
            let elementShape = model.shape(of: element)
            var values: [APIValue] = []
            for item in items { if let value = try value(item, elementShape) { values.append(value) } }
            return .list(values)
        case .map(let key, let value):
            guard var node = parent.descendant(member.formName) else { return nil }
            if !isFlattened { node = node.child("entry") ?? Node() }
            var entries = APIStructure()
            let keyName = key.elementName ?? "key"
            let valueShape = model.shape(of: value)
            // SQS's documents write `Attribute.Name=…&Attribute.Value=…` where there is one.
            for item in isFlattened && node.child(keyName) != nil ? [node] : node.numbered {
                guard let name = item.child(keyName)?.value else { continue }
                let child = item.child(value.elementName ?? "value") ?? Node(value: "")
                if let value = try self.value(child, valueShape) { entries[name] = value }
            }
            return .structure(entries)
        default:
            return try parent.descendant(member.formName).flatMap { node throws(APIError) in try value(node, shape) }
        }
    }

    /// The items of a list; nil when the form has none. A flattened list takes its element's name, when it has one.
    private func listItems(_ member: MemberModel, _ element: MemberModel, isFlattened: Bool, in parent: Node) -> [Node]? {
        if isFlattened {
            guard let node = parent.descendant(element.elementName ?? member.formName) else { return nil }
            return node.value == nil ? node.numbered : [node]
        }
        guard let node = parent.descendant(member.formName) else { return nil }
        return node.child(element.elementName ?? "member")?.numbered ?? []
    }

    private func value(_ node: Node, _ shape: Shape) throws(APIError) -> APIValue? {
        switch shape.kind {
        case .structure(let layout): return .structure(try structure(node, layout))
        case .list, .map:
            // A list or map inside a list or map: a parent of its own makes it look like a member.
            var parent = Node()
            parent.children = [("inner", node)]
            return try value(at: MemberModel(name: "inner", shape: 0), shape, in: parent)
        default:
            guard let text = node.value else { return nil }
            return try scalar(text, shape)
        }
    }

    private func scalar(_ text: String, _ shape: Shape) throws(APIError) -> APIValue {
        guard let value = TextScalar.value(text, shape) else { throw malformed("\(text) is not a valid value") }
        return value
    }

    private func malformed(_ message: String) -> APIError {
        APIError("MalformedInput", message, httpStatus: 400)
    }
}

/// One element of an XML document, without namespaces: names lose their prefixes.
struct XMLElement: Sendable, Equatable {
    /// An attribute of an element.
    struct Attribute: Sendable, Equatable {
        /// The name without prefix: `type` for `xsi:type`.
        let name: String
        /// The value, entities resolved.
        let value: String
    }

    /// The name without prefix.
    let name: String
    /// The attributes in order, namespace declarations left out.
    var attributes: [Attribute] = []
    /// The text directly inside, all parts of it joined.
    var text = ""
    /// The elements directly inside.
    var children: [XMLElement] = []

    /// The elements directly inside that have this name.
    func children(named name: String) -> [XMLElement] {
        children.filter { $0.name == name }
    }

    /// The first element directly inside that has this name.
    func child(_ name: String) -> XMLElement? {
        children.first { $0.name == name }
    }
}

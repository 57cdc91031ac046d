import JSONCore

/// Typed access to the members of an object in a document; a member that is null counts as absent, as YAML writes it.
struct DocumentReader {
    let object: JSONObject
    let path: String

    /// - Throws: a fault at the path when the value is no object.
    init(_ value: JSONValue, path: String) throws(DocumentFault) {
        guard let object = value.object else { throw DocumentFault(path: path, problem: "must be an object") }
        self.object = object
        self.path = path
    }

    /// A fault at a member, or at the object itself.
    func fault(_ name: String?, _ problem: String) -> DocumentFault {
        DocumentFault(path: name.map(path(of:)) ?? path, problem: problem)
    }

    /// Refuses members that have no meaning here.
    func allow(_ names: [String]) throws(DocumentFault) {
        for key in object.keys where !names.contains(where: { key == $0 }) {
            throw fault(key.text, "is unknown here")
        }
    }

    /// A member's path.
    func path(of name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }

    /// A member; nil when it is absent or null.
    func value(_ name: String) -> JSONValue? {
        guard let value = object[name], !value.isNull else { return nil }
        return value
    }

    func optionalText(_ name: String) throws(DocumentFault) -> String? {
        guard let value = value(name) else { return nil }
        guard let text = value.text else { throw fault(name, "must be a string") }
        return text
    }

    func text(_ name: String) throws(DocumentFault) -> String {
        guard let text = try optionalText(name) else { throw fault(name, "is missing") }
        return text
    }

    /// A count that is not negative; nil when absent.
    func count(_ name: String) throws(DocumentFault) -> Int? {
        guard let value = value(name) else { return nil }
        guard let number = value.integer ?? value.text.flatMap({ Int64($0) }), let count = Int(exactly: number), count >= 0 else {
            throw fault(name, "must be a whole number that is not negative")
        }
        return count
    }

    /// A list, empty when absent.
    func list(_ name: String) throws(DocumentFault) -> [JSONValue] {
        guard let value = value(name) else { return [] }
        guard let list = value.array else { throw fault(name, "must be a list") }
        return list
    }

    func choice<Choice: RawRepresentable & CaseIterable>(
        _ name: String
    ) throws(DocumentFault) -> Choice where Choice.RawValue == String {
        guard let choice = Choice(rawValue: try text(name)) else {
            throw fault(name, "must be one of \(Choice.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return choice
    }
}

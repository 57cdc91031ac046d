import AWSProtocols
import AgentProtocol
import JSONCore

/// A command document, ready to be rendered (Systems Manager User Guide, "Schemas, features, and examples": schema versions 1.2, 2.0 and
/// 2.2).
struct CommandDocument: Sendable {
    /// The schema versions of command documents.
    enum Schema: String, Sendable, CaseIterable {
        case v12 = "1.2"
        case v20 = "2.0"
        case v22 = "2.2"
    }

    let name: String
    /// The number of this version.
    var version: String
    /// As its owner wrote it.
    let text: DocumentText
    let schema: Schema
    let description: String
    let parameters: [CommandDocumentParameter]
    let steps: [DocumentStep]

    /// How many steps a command may have.
    static let stepLimit = 64

    /// Reads and checks a document.
    /// - Throws: `InvalidDocumentContent`, `InvalidDocumentSchemaVersion`.
    init(name: String, version: String = "1", text: DocumentText) throws(APIError) {
        let json = try text.value()
        let schema = try CommandDocument.schema(of: json)
        do throws(DocumentFault) {
            let reader = try DocumentReader(json, path: "")
            try reader.allow(["schemaVersion", "description", "parameters", schema == .v12 ? "runtimeConfig" : "mainSteps"])
            description = try reader.optionalText("description") ?? ""
            parameters = try CommandDocument.parameters(reader)
            steps = schema == .v12 ? try DocumentStep.runtimeConfig(reader) : try DocumentStep.mainSteps(reader, schema: schema)
            try CommandDocument.check(steps, parameters: parameters)
        } catch {
            throw error.contentError
        }
        self.name = name
        self.version = version
        self.text = text
        self.schema = schema
    }

    /// The document's text.
    var content: String { text.text }
    /// SHA-256 of the text, in hexadecimal.
    var hash: String { text.hash }
    /// The schema version as the document has it.
    var schemaVersion: String { schema.rawValue }

    /// AWS's `PlatformType`s that at least one step is for.
    var platformTypes: [String] {
        ["Windows", "Linux", "MacOS"].filter { platform in steps.contains { $0.platformTypes.contains(platform) } }
    }

    // MARK: Reading

    private static func schema(of json: JSONValue) throws(APIError) -> Schema {
        guard let object = json.object else { throw DocumentError.invalidContent("The document must be an object.") }
        guard let version = object["schemaVersion"], !version.isNull else {
            throw DocumentError.invalidContent("schemaVersion is missing.")
        }
        // YAML without quotes makes a number of it.
        let text = version.text ?? JSONWriter.text(of: version)
        guard let schema = Schema(rawValue: text) else {
            throw DocumentError.invalidSchemaVersion(
                "Schema version \(text) is not supported for documents of type Command; supported are 1.2, 2.0 and 2.2.")
        }
        return schema
    }

    private static func parameters(_ reader: DocumentReader) throws(DocumentFault) -> [CommandDocumentParameter] {
        guard let value = reader.value("parameters") else { return [] }
        var parameters: [CommandDocumentParameter] = []
        for member in try DocumentReader(value, path: "parameters").object.members {
            parameters.append(try CommandDocumentParameter(name: member.key.text, member.value))
        }
        return parameters
    }

    private static func check(_ steps: [DocumentStep], parameters: [CommandDocumentParameter]) throws(DocumentFault) {
        let names = Set(parameters.map(\.name))
        for (index, step) in steps.enumerated() {
            try step.check(declared: names)
            for earlier in steps[..<index] where earlier.name.utf8.elementsEqual(step.name.utf8) {
                throw DocumentFault(path: step.path, problem: "has the name \(step.name), as an earlier step has")
            }
            if try step.draft().isFinally, index != steps.count - 1 {
                throw DocumentFault(path: "\(step.inputsPath).finallyStep", problem: "is for the last step only")
            }
        }
    }
}

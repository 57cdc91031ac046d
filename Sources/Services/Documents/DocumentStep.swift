import AgentProtocol
import JSONCore

/// One step of a document: a plugin with its inputs, placeholders and all.
struct DocumentStep: Sendable {
    let name: String
    let action: StepAction
    /// Where it stands in the document: `mainSteps[0]`.
    let path: String
    /// Where its inputs stand.
    let inputsPath: String
    let inputs: JSONObject
    /// What stands beside the inputs: `timeoutSeconds`, `onFailure`, `onSuccess`, `finallyStep`, `isEnd`.
    let settings: JSONObject
    /// The two arguments of `StringEquals`; nil without a precondition.
    let precondition: (left: String, right: String)?

    private static let members = [
        "action", "name", "inputs", "precondition", "description", "settings", "maxAttempts", "timeoutSeconds", "onFailure",
        "onSuccess", "finallyStep", "isEnd",
    ]

    /// The steps of schema versions 2.0 and 2.2.
    static func mainSteps(_ document: DocumentReader, schema: CommandDocument.Schema) throws(DocumentFault) -> [DocumentStep] {
        let values = try document.list("mainSteps")
        guard !values.isEmpty else { throw document.fault("mainSteps", "must have at least one step") }
        guard values.count <= CommandDocument.stepLimit else {
            throw document.fault("mainSteps", "must have at most \(CommandDocument.stepLimit) steps")
        }
        var steps: [DocumentStep] = []
        for (index, value) in values.enumerated() {
            steps.append(try DocumentStep(try DocumentReader(value, path: "mainSteps[\(index)]"), schema: schema))
        }
        return steps
    }

    private init(_ reader: DocumentReader, schema: CommandDocument.Schema) throws(DocumentFault) {
        try reader.allow(DocumentStep.members)
        path = reader.path
        action = try StepAction(try reader.text("action"), at: reader.path(of: "action"))
        name = try reader.text("name")
        guard (1...128).contains(name.utf8.count), name.utf8.allSatisfy(DocumentStep.isNameByte) else {
            throw reader.fault("name", "must have 1 to 128 letters, digits, underscores, hyphens, points and colons")
        }
        inputsPath = reader.path(of: "inputs")
        guard let inputs = reader.value("inputs") else { throw reader.fault("inputs", "is missing") }
        self.inputs = try DocumentReader(inputs, path: inputsPath).object
        settings = JSONObject(
            ["timeoutSeconds", "onFailure", "onSuccess", "finallyStep", "isEnd"].compactMap { name in
                reader.value(name).map { (JSONString(name), $0) }
            })
        precondition = try DocumentStep.precondition(reader, schema: schema)
    }

    private static func precondition(
        _ step: DocumentReader, schema: CommandDocument.Schema
    ) throws(DocumentFault) -> (left: String, right: String)? {
        guard let value = step.value("precondition") else { return nil }
        guard schema == .v22 else { throw step.fault("precondition", "is not supported before schema version 2.2") }
        let reader = try DocumentReader(value, path: step.path(of: "precondition"))
        try reader.allow(["StringEquals"])
        let arguments = try reader.list("StringEquals").map(\.text)
        guard arguments.count == 2, let left = arguments[0], let right = arguments[1] else {
            throw reader.fault("StringEquals", "must have two strings")
        }
        return (left, right)
    }

    /// The steps of schema version 1.2: the properties of each plugin. One alone has the plugin's name, as AWS shows it.
    static func runtimeConfig(_ document: DocumentReader) throws(DocumentFault) -> [DocumentStep] {
        guard let value = document.value("runtimeConfig") else { throw document.fault("runtimeConfig", "is missing") }
        let plugins = try DocumentReader(value, path: "runtimeConfig")
        var steps: [DocumentStep] = []
        for plugin in plugins.object.members {
            let path = plugins.path(of: plugin.key.text)
            let action = try StepAction(plugin.key.text, at: path)
            let reader = try DocumentReader(plugin.value, path: path)
            try reader.allow(["properties", "settings", "description"])
            guard let properties = reader.value("properties") else { throw reader.fault("properties", "is missing") }
            let all = properties.array ?? [properties]
            for (index, inputs) in all.enumerated() {
                let path = properties.array == nil ? reader.path(of: "properties") : "\(reader.path(of: "properties"))[\(index)]"
                let inputs = try DocumentReader(inputs, path: path)
                let id = try inputs.optionalText("id") ?? "\(index).\(plugin.key.text)"
                steps.append(
                    DocumentStep(
                        name: all.count == 1 ? plugin.key.text : id, action: action, path: path, inputs: inputs.object))
            }
        }
        guard (1...CommandDocument.stepLimit).contains(steps.count) else {
            throw plugins.fault(nil, "must have 1 to \(CommandDocument.stepLimit) plugins with properties")
        }
        return steps
    }

    private init(name: String, action: StepAction, path: String, inputs: JSONObject) {
        self.name = name
        self.action = action
        self.path = path
        inputsPath = path
        self.inputs = inputs
        settings = JSONObject()
        precondition = nil
    }

    /// Whether all that must be a parameter is one: texts that are nothing but a placeholder, and what stands in preconditions. Braces
    /// inside a longer text may be the script's own.
    func check(declared names: Set<String>) throws(DocumentFault) {
        for argument in [precondition?.left, precondition?.right].compactMap(\.self) {
            for name in Placeholders.find(in: argument).map(\.name) where !names.contains(name) {
                throw DocumentFault(path: "\(path).precondition", problem: "names the parameter \(name), which is not declared")
            }
        }
        try DocumentStep.check(.object(inputs), at: inputsPath, declared: names)
    }

    private static func check(_ value: JSONValue, at path: String, declared names: Set<String>) throws(DocumentFault) {
        switch value {
        case .string(let string):
            guard let name = Placeholders.whole(string.text), !name.utf8.contains(UInt8(ascii: ":")),
                !name.utf8.contains(UInt8(ascii: ".")), !names.contains(name)
            else { return }
            throw DocumentFault(path: path, problem: "names the parameter \(name), which is not declared")
        case .array(let elements):
            for (index, element) in elements.enumerated() { try check(element, at: "\(path)[\(index)]", declared: names) }
        case .object(let object):
            for member in object.members { try check(member.value, at: "\(path).\(member.key.text)", declared: names) }
        default: return
        }
    }

    /// The platforms that it is for: the plugin's, or the one that its precondition names.
    var platformTypes: [String] {
        let all = action.platformTypes
        guard let (left, right) = precondition else { return all }
        let named = left == StepPrecondition.platformType ? right : right == StepPrecondition.platformType ? left : nil
        guard let named, Placeholders.find(in: named).isEmpty else { return all }
        return all.filter { $0.lowercased() == named.lowercased() }
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), 0x30...0x3A, UInt8(ascii: "_"),
            UInt8(ascii: "-"), UInt8(ascii: "."):
            true
        default: false
        }
    }
}

import AWSProtocols
import AgentProtocol
import JSONCore

extension CommandDocument {
    /// The references to Parameter Store, `name` or `name:3` of `{{ssm:name:3}}`, that the steps hold with a caller's values, each
    /// once, in the order in which they stand there. Those to secure strings (`{{ssm-secure:name}}`) are none: they stay as they are.
    /// - Throws: `InvalidParameters`, as `steps(with:references:)`.
    func references(with values: [(String, [String])]) throws(APIError) -> [String] {
        var names: [String] = []
        for value in try self.values(given: values).map(\.value) { names += Placeholders.names(in: value) }
        for step in steps {
            names += Placeholders.names(in: .object(step.inputs))
            for argument in [step.precondition?.left, step.precondition?.right].compactMap(\.self) {
                names += Placeholders.find(in: argument).map(\.name)
            }
        }
        var seen: Set<String> = []
        return names.filter { $0.hasPrefix(Placeholders.referencePrefix) && seen.insert($0).inserted }
            .map { String($0.dropFirst(Placeholders.referencePrefix.count)) }
    }

    /// The steps that a node runs, with a caller's values and the values of the references filled in: one text for a String, the
    /// elements for a StringList. A reference that is not in `references` stays as it is.
    /// - Throws: `InvalidParameters` for values that the document does not declare or allow, and for missing ones.
    func steps(with values: [(String, [String])], references: [String: [String]] = [:]) throws(APIError) -> [PluginStep] {
        var placeholders = Placeholders(
            replacements: Dictionary(
                references.map { (Placeholders.referencePrefix + $0.key, Placeholders.Replacement(reference: $0.value)) },
                uniquingKeysWith: { first, _ in first }))
        var filled: [(parameter: CommandDocumentParameter, value: JSONValue)] = []
        for (parameter, original) in try self.values(given: values) {
            let resolved = parameter.kind == .string ? .text(placeholders.fillText(original.text ?? "")) : placeholders.fill(original)
            guard let value = parameter.kind.value(resolved) else {
                throw APIError("InvalidParameters", "The value of the parameter \(parameter.name) is no \(parameter.kind.rawValue).")
            }
            // A default was looked at with the document; what a reference in it stands for was not.
            if value != original || values.contains(where: { $0.0 == parameter.name }) { try parameter.check(value) }
            filled.append((parameter, value))
        }
        for (parameter, value) in filled { placeholders.replacements[parameter.name] = Placeholders.Replacement(value) }
        do throws(DocumentFault) {
            var rendered: [PluginStep] = []
            for step in steps {
                let (script, variables) = CommandDocument.environment(filled, of: step, placeholders)
                rendered.append(try step.render(placeholders, script: script, variables: variables))
            }
            return rendered
        } catch {
            throw error.parameterError
        }
    }

    /// What stands for the placeholders in a step's script. A parameter that the script gets by its environment is there by the
    /// variable's name, so that nothing in its value is read as a command.
    private static func environment(
        _ values: [(parameter: CommandDocumentParameter, value: JSONValue)], of step: DocumentStep, _ placeholders: Placeholders
    ) -> (script: Placeholders, variables: [NamedValue]) {
        var script = placeholders
        var variables: [NamedValue] = []
        for (parameter, value) in values where parameter.isEnvironmentVariable {
            let name = "SSM_\(parameter.name)"
            variables.append(NamedValue(name: name, value: Placeholders.Replacement(value).text))
            script.replacements[parameter.name] = Placeholders.Replacement(
                .text(step.action == .runPowerShellScript ? "${env:\(name)}" : "${\(name)}"))
        }
        return (script, variables)
    }

    /// Each parameter with the caller's value or its default, typed but not yet checked.
    private func values(
        given: [(String, [String])]
    ) throws(APIError) -> [(parameter: CommandDocumentParameter, value: JSONValue)] {
        for (name, _) in given where !parameters.contains(where: { $0.name == name }) {
            throw APIError("InvalidParameters", "The document \(self.name) has no parameter named \(name).")
        }
        var values: [(parameter: CommandDocumentParameter, value: JSONValue)] = []
        for parameter in parameters {
            if let texts = given.first(where: { $0.0 == parameter.name })?.1 {
                values.append((parameter, try parameter.value(of: texts)))
            } else if let preset = parameter.defaultValue {
                values.append((parameter, preset))
            } else {
                throw APIError("InvalidParameters", "The required parameter \(parameter.name) is missing.")
            }
        }
        return values
    }
}

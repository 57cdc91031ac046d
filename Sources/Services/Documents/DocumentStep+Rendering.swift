import AgentProtocol
import JSONCore

extension DocumentStep {
    /// How long a script may run, in seconds (Systems Manager User Guide, `aws:runShellScript`: `timeoutSeconds`).
    private static let timeout = 3_600
    private static let timeouts = 1...172_800

    private static let controlNames = ["id", "timeoutSeconds", "onFailure", "onSuccess", "finallyStep"]

    /// The step as a node runs it.
    /// - Parameters:
    ///   - placeholders: what stands for the placeholders.
    ///   - script: what stands for them in scripts.
    ///   - variables: what scripts get by their environment, besides.
    func render(_ placeholders: Placeholders, script: Placeholders, variables: [NamedValue]) throws(DocumentFault) -> PluginStep {
        var filled = DocumentStep.fill(self.inputs, placeholders)
        if let command = self.inputs["runCommand"] { filled["runCommand"] = script.fill(command) }
        var step = try render(
            try StepInputs(filled, path: inputsPath, isDraft: false),
            beside: try StepInputs(DocumentStep.fill(settings, placeholders), path: path, isDraft: false))
        if let precondition {
            step.preconditions = [
                StepPrecondition(left: placeholders.fillText(precondition.left), right: placeholders.fillText(precondition.right))
            ]
        }
        if action != .downloadContent { step.environment += variables }
        return step
    }

    /// Checks the step as it stands in the document, as far as that does not depend on parameters.
    /// - Returns: the step; good for nothing but its control flow.
    func draft() throws(DocumentFault) -> PluginStep {
        try render(
            try StepInputs(inputs, path: inputsPath, isDraft: true), beside: try StepInputs(settings, path: path, isDraft: true))
    }

    private static func fill(_ object: JSONObject, _ placeholders: Placeholders) -> JSONObject {
        placeholders.fill(.object(object)).object ?? JSONObject()
    }

    /// - Parameter beside: what stands beside the inputs. Systems Manager's agent takes control flow from the inputs; where readers look
    ///   first it means the same.
    private func render(_ inputs: StepInputs, beside: StepInputs) throws(DocumentFault) -> PluginStep {
        var step = PluginStep(name: name, action: action.rawValue, commands: [], timeoutSeconds: DocumentStep.timeout)
        if try beside.flag("isEnd") == true { (step.onFailure, step.onSuccess) = (.exit, .exit) }
        for source in [beside, inputs] {
            if let timeout = try source.integer("timeoutSeconds", in: DocumentStep.timeouts) { step.timeoutSeconds = timeout }
            if let next = try source.word("onFailure", [PluginStep.OnFailure.exit, .successAndExit, .carryOn]) { step.onFailure = next }
            if let next = try source.word("onSuccess", [PluginStep.OnSuccess.exit, .carryOn]) { step.onSuccess = next }
            if let isFinally = try source.flag("finallyStep") { step.isFinally = isFinally }
        }
        switch action {
        case .runShellScript, .runPowerShellScript:
            try inputs.reader.allow(DocumentStep.controlNames + ["runCommand", "workingDirectory", "environment"] + StepInputs.runAsNames)
            step.commands = try inputs.lines("runCommand")
            step.workingDirectory = try inputs.text("workingDirectory")
            step.environment = try DocumentStep.environment(inputs)
            step.runAs = try inputs.runAs()
        case .downloadContent:
            try inputs.reader.allow(DocumentStep.controlNames + ["sourceType", "sourceInfo", "destinationPath"])
            step.download = try DocumentStep.download(inputs)
        }
        return step
    }

    private static func environment(_ inputs: StepInputs) throws(DocumentFault) -> [NamedValue] {
        let environment = try inputs.pairs("environment")
        for variable in environment {
            guard !variable.name.isEmpty, !variable.name.utf8.contains(where: { $0 == UInt8(ascii: "=") || $0 == 0 }),
                !variable.value.utf8.contains(0)
            else { throw inputs.fault("environment.\(variable.name)", "is no environment variable") }
        }
        return environment
    }

    // MARK: aws:downloadContent

    /// Where AWS's plugin gets content from; nodes get it from S3 alone and refuse the others when they run.
    private static let sourceTypes = ["GitHub", "Git", "HTTP", "S3", "SSMDocument"]

    private static func download(_ inputs: StepInputs) throws(DocumentFault) -> ContentDownload {
        guard inputs.reader.value("sourceType") != nil else { throw inputs.fault("sourceType", "is missing") }
        guard let info = inputs.reader.value("sourceInfo") else { throw inputs.fault("sourceInfo", "is missing") }
        let type = try inputs.text("sourceType") ?? ""
        guard sourceTypes.contains(type) || (inputs.isDraft && type.isEmpty) else {
            throw inputs.fault("sourceType", "must be one of \(sourceTypes.joined(separator: ", "))")
        }
        let destination = try inputs.text("destinationPath") ?? ""
        guard !inputs.isDraft || Placeholders.names(in: info).isEmpty else {
            return ContentDownload(sourceType: type, path: "", destination: destination)
        }
        // AWS's documents have an object, its parameters a text with JSON.
        guard let source = info.object ?? info.text.flatMap({ try? JSONParser.parse($0) })?.object else {
            throw inputs.fault("sourceInfo", "must be an object, or a string that holds one as JSON")
        }
        let path = source["path"]?.text ?? ""
        guard type != "S3" || !path.isEmpty else { throw inputs.fault("sourceInfo.path", "is missing") }
        return ContentDownload(sourceType: type, path: path, destination: destination)
    }
}

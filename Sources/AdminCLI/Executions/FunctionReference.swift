import JSONCore

/// Finds the function that a task calls.
enum FunctionReference {
    /// The function's name, nil when the event schedules no function.
    static func name(in event: ExecutionEvent) -> String? {
        switch event.type {
        case "LambdaFunctionScheduled": return event.text("resource").flatMap(name(of:))
        case "TaskScheduled":
            guard event.text("resourceType") == "lambda", let text = event.text("parameters"),
                let parameters = try? JSONParser.parse(text), let function = parameters["FunctionName"]?.text
            else { return nil }
            return name(of: function)
        default: return nil
        }
    }

    /// The name in a name, a partial ARN or an ARN, with or without a qualifier (Lambda API, "FunctionName").
    private static func name(of reference: String) -> String? {
        let parts = reference.split(separator: ":")
        if let position = parts.firstIndex(of: "function"), position + 1 < parts.count { return String(parts[position + 1]) }
        return parts.first.map(String.init)
    }
}

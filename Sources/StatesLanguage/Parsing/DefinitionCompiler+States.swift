import JSONCore
import JSONPath
import TimeSource

/// Compiling one state.
extension DefinitionCompiler {
    /// The fields of each type besides `Type`, `Comment` and `QueryLanguage`.
    /// Source: Amazon States Language, "State Types", and the Step Functions Developer Guide for `Credentials` and Map's fields.
    private static let fields: [StateType: Set<String>] = {
        let paths: Set<String> = ["InputPath", "OutputPath"]
        let transition: Set<String> = ["Next", "End", "Assign"]
        let result = paths.union(transition).union(["Parameters", "ResultPath"])
        let errors: Set<String> = ["ResultSelector", "Retry", "Catch"]
        let map: Set<String> = [
            "Iterator", "ItemProcessor", "ItemsPath", "ItemSelector", "ItemReader", "ItemBatcher", "ResultWriter",
            "MaxConcurrency", "MaxConcurrencyPath", "Label", "ToleratedFailureCount", "ToleratedFailureCountPath",
            "ToleratedFailurePercentage", "ToleratedFailurePercentagePath",
        ]
        let task: Set<String> = [
            "Resource", "Credentials", "TimeoutSeconds", "TimeoutSecondsPath", "HeartbeatSeconds", "HeartbeatSecondsPath",
        ]
        return [
            .pass: result.union(["Result"]),
            .task: result.union(errors).union(task),
            .choice: paths.union(["Choices", "Default", "Assign"]),
            .wait: paths.union(transition).union(["Seconds", "SecondsPath", "Timestamp", "TimestampPath"]),
            .succeed: paths,
            .fail: ["Error", "ErrorPath", "Cause", "CausePath"],
            .parallel: result.union(errors).union(["Branches"]),
            .map: result.union(errors).union(map),
        ]
    }()

    /// Compiles a state; nil when it is too broken.
    mutating func compileState(
        _ value: JSONValue, name: JSONString, scope: inout DefinitionScope, position: Int, at place: DefinitionPlace
    ) -> State? {
        // Until the state is known to be of a type, nothing is known of where it leads.
        let wasComplete = scope.isComplete
        scope.isComplete = false
        guard case .object(let object) = value else {
            report("A state must be an object, not \(value.typeName)", at: place)
            return nil
        }
        guard object["Type"] != nil else {
            requireFields(["Type"], at: place)
            return nil
        }
        guard let typeName = string("Type", of: object, at: place) else { return nil }
        guard let type = StateType(rawValue: typeName.text) else {
            let names = StateType.allCases.map(\.rawValue).joined(separator: ", ")
            report("The field 'Type' should have one of these values: [\(names)]", at: place / "Type")
            return nil
        }
        guard checkQueryLanguage(of: object, at: place) else { return nil }
        scope.isComplete = wasComplete
        let common: Set<String> = ["Type", "Comment", "QueryLanguage"]
        refuseUnknownFields(of: object, allowed: (Self.fields[type] ?? []).union(common), at: place)
        _ = string("Comment", of: object, at: place)
        let outer = variables
        variables = []
        defer { variables = outer }
        var transition: Transition?
        switch type {
        case .pass, .task, .wait, .parallel, .map:
            transition = compileTransition(object, scope: &scope, position: position, at: place)
        case .succeed, .fail: scope.end(at: position)
        case .choice: break
        }
        let body = compileBody(type, object, scope: &scope, position: position, at: place)
        let inputPath = pathField("InputPath", of: object, at: place)
        let outputPath = pathField("OutputPath", of: object, at: place)
        return State(
            name: name, inputPath: inputPath, outputPath: outputPath, transition: transition, body: body ?? .succeed,
            variables: variables.sorted { JSONString.utf16Precedes($0, $1) })
    }

    private mutating func compileTransition(
        _ object: JSONObject, scope: inout DefinitionScope, position: Int, at place: DefinitionPlace
    ) -> Transition? {
        var isEnd = false
        if let end = object["End"] {
            if let flag = end.bool {
                isEnd = flag
            } else {
                report("The value for the field 'End' must be a boolean, not \(end.typeName)", at: place / "End")
            }
        }
        if object["Next"] != nil, isEnd {
            report("Only one of the fields 'Next' and 'End' may be there", at: place)
        } else if object["Next"] == nil, object["End"] == nil || !isEnd && object["End"]?.bool != nil {
            report("One of the fields 'Next' and 'End' is required but both are missing", at: place)
        }
        if isEnd {
            scope.end(at: position)
            return .end
        }
        return target("Next", of: object, scope: &scope, position: position, at: place).map(Transition.next)
    }

    /// A field that names a state of the same scope.
    mutating func target(
        _ field: String, of object: JSONObject, scope: inout DefinitionScope, position: Int, at place: DefinitionPlace
    ) -> StateReference? {
        guard let name = string(field, of: object, at: place) else { return nil }
        guard let reference = scope.reference(name) else {
            report("Missing '\(field)' target: \(name)", code: .missingTarget, at: place / field)
            return nil
        }
        scope.connect(position, to: reference)
        return reference
    }

    private mutating func compileBody(
        _ type: StateType, _ object: JSONObject, scope: inout DefinitionScope, position: Int, at place: DefinitionPlace
    ) -> State.Body? {
        switch type {
        case .pass:
            let state = PassState(
                result: object["Result"], parameters: template("Parameters", of: object, at: place),
                flow: resultFlow(of: object, at: place))
            return .pass(state)
        case .task: return compileTask(object, scope: &scope, position: position, at: place)
        case .choice: return compileChoice(object, scope: &scope, position: position, at: place)
        case .wait: return compileWait(object, at: place)
        case .succeed: return .succeed
        case .fail: return compileFail(object, at: place)
        case .parallel: return compileParallel(object, scope: &scope, position: position, at: place)
        case .map: return compileMap(object, scope: &scope, position: position, at: place)
        }
    }

    private mutating func resultFlow(of object: JSONObject, at place: DefinitionPlace) -> ResultFlow {
        ResultFlow(
            selector: template("ResultSelector", of: object, at: place), path: resultPath(of: object, at: place),
            assign: assign(of: object, at: place))
    }

    /// `Assign`: an object whose keys are names of variables.
    mutating func assign(of object: JSONObject, at place: DefinitionPlace) -> PayloadTemplate? {
        guard let value = object["Assign"] else { return nil }
        guard let members = value.object else {
            report("The value for the field 'Assign' must be an object, not \(value.typeName)", at: place / "Assign")
            return nil
        }
        for member in members.members {
            let isExpression = member.key.bytes.suffix(2) == [0x2E, 0x24]
            let name = isExpression ? Array(member.key.bytes.dropLast(2)) : member.key.bytes
            let isValid = name.first.map { $0 == 0x5F || ($0 | 0x20) >= 0x61 && ($0 | 0x20) <= 0x7A || $0 >= 0x80 } ?? false
            if !isValid || name.count > 80 || name == Array("states".utf8) {
                report("'\(member.key)' is not a valid name of a variable", at: place / "Assign")
            }
        }
        return members.isEmpty ? nil : template("Assign", of: object, at: place)
    }

    private mutating func compileWait(_ object: JSONObject, at place: DefinitionPlace) -> State.Body? {
        let fields = ["Seconds", "SecondsPath", "Timestamp", "TimestampPath"]
        let present = fields.filter { object[$0] != nil }
        guard present.count == 1 else {
            report("Exactly one of these fields is required: [\(fields.joined(separator: ", "))]", at: place)
            return nil
        }
        var until: WaitState.Until?
        switch present[0] {
        case "Seconds": until = integer("Seconds", of: object, in: 0...99_999_999, at: place).map(WaitState.Until.seconds)
        case "SecondsPath": until = path("SecondsPath", of: object, at: place).map(WaitState.Until.secondsPath)
        case "TimestampPath": until = path("TimestampPath", of: object, at: place).map(WaitState.Until.timestampPath)
        default:
            if let text = string("Timestamp", of: object, at: place) {
                until = Timestamp(rfc3339: text.text).map(WaitState.Until.timestamp)
                if until == nil { report("String does not match RFC3339 timestamp", at: place / "Timestamp") }
            }
        }
        return until.map { .wait(WaitState(until: $0, assign: assign(of: object, at: place))) }
    }

    private mutating func compileFail(_ object: JSONObject, at place: DefinitionPlace) -> State.Body? {
        .fail(
            FailState(error: failText("Error", of: object, at: place), cause: failText("Cause", of: object, at: place)))
    }

    private mutating func failText(_ field: String, of object: JSONObject, at place: DefinitionPlace) -> FailState.Text? {
        let pathField = field + "Path"
        if object[field] != nil, object[pathField] != nil {
            report("Only one of the fields '\(field)' and '\(pathField)' may be there", at: place)
        }
        if let text = string(field, of: object, at: place) { return .literal(text.text) }
        guard let text = string(pathField, of: object, at: place) else { return nil }
        guard let expression = try? PayloadExpression(parsing: text) else {
            report(
                "The value for the field '\(pathField)' must be a valid JSONPath or a valid intrinsic function call",
                at: place / pathField)
            return nil
        }
        note(expression.paths)
        return .expression(expression)
    }

    private mutating func compileTask(
        _ object: JSONObject, scope: inout DefinitionScope, position: Int, at place: DefinitionPlace
    ) -> State.Body? {
        let timeout = seconds("TimeoutSeconds", of: object, in: 1...99_999_999, at: place)
        let heartbeat = seconds("HeartbeatSeconds", of: object, in: 1...99_999_999, at: place)
        if case .literal(let limit)? = timeout, case .literal(let interval)? = heartbeat, interval >= limit {
            report("The field 'HeartbeatSeconds' must be smaller than 'TimeoutSeconds'", at: place / "HeartbeatSeconds")
        }
        let retriers = compileRetriers(object, at: place)
        let catchers = compileCatchers(object, scope: &scope, position: position, at: place)
        let parameters = template("Parameters", of: object, at: place)
        let credentials = compileCredentials(object, at: place)
        let flow = resultFlow(of: object, at: place)
        guard object["Resource"] != nil else {
            requireFields(["Resource"], at: place)
            return nil
        }
        guard let resource = compileResource(object, at: place) else { return nil }
        return .task(
            TaskState(
                resource: resource, parameters: parameters, credentials: credentials, timeout: timeout,
                heartbeat: heartbeat, flow: flow, retriers: retriers, catchers: catchers))
    }

    private mutating func compileCredentials(_ object: JSONObject, at place: DefinitionPlace) -> PayloadTemplate? {
        guard let value = object["Credentials"] else { return nil }
        guard let members = value.object else {
            report("The value for the field 'Credentials' must be an object, not \(value.typeName)", at: place / "Credentials")
            return nil
        }
        if members["RoleArn"] == nil, members["RoleArn.$"] == nil {
            report("The field 'RoleArn' is required but was missing", at: place / "Credentials")
        }
        return template("Credentials", of: object, at: place)
    }

    private mutating func compileResource(_ object: JSONObject, at place: DefinitionPlace) -> TaskResource? {
        guard let text = string("Resource", of: object, at: place)?.text else { return nil }
        if allowsPlaceholders, text.contains("${") { return TaskResource(parsing: text) ?? .function(arn: text) }
        guard let resource = TaskResource(parsing: text) else {
            report("Value is not a valid resource ARN", at: place / "Resource")
            return nil
        }
        guard type == .express else { return resource }
        switch resource {
        case .activity: report("Express state machine does not support Activity ARN", at: place / "Resource")
        case .service(let integration):
            switch integration.pattern {
            case .sync, .syncTwo:
                report(
                    "Express state machine does not support '\(integration.pattern.rawValue)' service integration",
                    at: place / "Resource")
            case .waitForTaskToken:
                // AWS's text has two blanks before "at" for this one; the finding's own text ends in the first.
                report(
                    "Express state machine does not support '.waitForTaskToken' service integration ",
                    at: place / "Resource")
            case .requestResponse: break
            }
        case .function: break
        }
        return resource
    }
}

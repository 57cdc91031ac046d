import JSONCore
import JSONPath
import TimeSource

/// Compiling what nests: choices, branches, item processors, error handling.
extension DefinitionCompiler {
    /// `Choices` and `Default`.
    mutating func compileChoice(
        _ object: JSONObject, scope: inout DefinitionScope, position: Int, at place: DefinitionPlace
    ) -> State.Body? {
        if object["Choices"] == nil { requireFields(["Choices"], at: place) }
        var rules: [ChoiceRule] = []
        for (rule, place) in objects("Choices", of: object, isRequired: true, at: place) {
            if rule["Next"] == nil { requireFields(["Next"], at: place) }
            let next = target("Next", of: rule, scope: &scope, position: position, at: place)
            let assign = assign(of: rule, at: place)
            let condition = compileCondition(rule, isTop: true, depth: 0, at: place)
            if let next, let condition { rules.append(ChoiceRule(condition: condition, next: next, assign: assign)) }
        }
        let fallback = target("Default", of: object, scope: &scope, position: position, at: place)
        return .choice(ChoiceState(rules: rules, fallback: fallback, assign: assign(of: object, at: place)))
    }

    private mutating func compileCondition(
        _ object: JSONObject, isTop: Bool, depth: Int, at place: DefinitionPlace
    ) -> ChoiceCondition? {
        let other: Set<String> = isTop ? ["Next", "Comment", "Assign", "Variable"] : ["Comment", "Variable"]
        let operators = object.members.filter { !other.contains($0.key.text) }
        guard operators.count == 1 else {
            report(
                operators.isEmpty
                    ? "A choice rule must have a comparison operator"
                    : "A choice rule must have exactly one comparison operator, not \(operators.count)", at: place)
            return nil
        }
        let field = operators[0].key.text
        switch field {
        case "And", "Or":
            var parts: [ChoiceCondition] = []
            for (part, place) in objects(field, of: object, isRequired: true, at: place) {
                if let condition = compileCondition(part, isTop: false, depth: depth + 1, at: place) { parts.append(condition) }
            }
            return field == "And" ? .and(parts) : .or(parts)
        case "Not":
            guard let part = operators[0].value.object else {
                report("The value for the field 'Not' must be an object", at: place / field)
                return nil
            }
            return compileCondition(part, isTop: false, depth: depth + 1, at: place / field).map(ChoiceCondition.not)
        default:
            return compileComparison(field, value: operators[0].value, of: object, at: place)
        }
    }

    private mutating func compileComparison(
        _ field: String, value: JSONValue, of object: JSONObject, at place: DefinitionPlace
    ) -> ChoiceCondition? {
        let isPath = field.hasSuffix("Path")
        let name = isPath ? String(field.dropLast(4)) : field
        guard let test = ComparisonTest.byFieldName[name], !isPath || test.hasPathVariant else {
            report("Field '\(field)' is not supported", at: place)
            return nil
        }
        if object["Variable"] == nil { requireFields(["Variable"], at: place) }
        let variable = path("Variable", of: object, at: place)
        var operand: ChoiceComparison.Operand?
        if isPath {
            operand = path(field, of: object, at: place).map(ChoiceComparison.Operand.path)
        } else if test.accepts(value) {
            operand = .value(value)
        } else {
            report("The value for the field '\(field)' is not of the type that it compares", at: place / field)
        }
        guard let variable, let operand else { return nil }
        return .comparison(ChoiceComparison(variable: variable, test: test, operand: operand))
    }

    /// `Branches` and what a Parallel state has besides.
    mutating func compileParallel(
        _ object: JSONObject, scope: inout DefinitionScope, position: Int, at place: DefinitionPlace
    ) -> State.Body? {
        if object["Branches"] == nil { requireFields(["Branches"], at: place) }
        var branches: [StateReference] = []
        for (branch, place) in objects("Branches", of: object, isRequired: true, at: place) {
            refuseUnknownFields(of: branch, allowed: ["Comment", "StartAt", "States"], at: place)
            if let start = compileScope(branch, at: place) { branches.append(start) }
        }
        return .parallel(
            ParallelState(
                branches: branches, parameters: template("Parameters", of: object, at: place),
                flow: ResultFlow(
                    selector: template("ResultSelector", of: object, at: place), path: resultPath(of: object, at: place),
                    assign: assign(of: object, at: place)),
                retriers: compileRetriers(object, at: place),
                catchers: compileCatchers(object, scope: &scope, position: position, at: place)))
    }

    /// `ItemProcessor`, or `Iterator` of older definitions, and what a Map state has besides.
    mutating func compileMap(
        _ object: JSONObject, scope: inout DefinitionScope, position: Int, at place: DefinitionPlace
    ) -> State.Body? {
        let field = object["ItemProcessor"] != nil ? "ItemProcessor" : "Iterator"
        guard let processor = object[field] else {
            requireFields(["ItemProcessor"], at: place)
            return nil
        }
        let concurrency = seconds("MaxConcurrency", of: object, in: 0...Int64(Int32.max), at: place) ?? .literal(0)
        let flow = ResultFlow(
            selector: template("ResultSelector", of: object, at: place), path: resultPath(of: object, at: place),
            assign: assign(of: object, at: place))
        let selectorField = object["ItemSelector"] != nil ? "ItemSelector" : "Parameters"
        let selector = template(selectorField, of: object, at: place)
        let retriers = compileRetriers(object, at: place)
        let catchers = compileCatchers(object, scope: &scope, position: position, at: place)
        let items = pathField("ItemsPath", of: object, at: place)
        guard let machine = processor.object else {
            report("The value for the field '\(field)' must be an object, not \(processor.typeName)", at: place / field)
            return nil
        }
        refuseUnknownFields(of: machine, allowed: ["Comment", "StartAt", "States", "ProcessorConfig"], at: place / field)
        let mode = compileMode(machine, at: place / field)
        guard let start = compileScope(machine, at: place / field) else { return nil }
        return .map(
            MapState(
                mode: mode, start: start, itemsPath: items, itemSelector: selector, maxConcurrency: concurrency, flow: flow,
                retriers: retriers, catchers: catchers))
    }

    private mutating func compileMode(_ machine: JSONObject, at place: DefinitionPlace) -> MapState.Mode {
        guard let config = machine["ProcessorConfig"] else { return .inline }
        guard let object = config.object else {
            report("The value for the field 'ProcessorConfig' must be an object", at: place / "ProcessorConfig")
            return .inline
        }
        guard let text = string("Mode", of: object, at: place / "ProcessorConfig") else { return .inline }
        guard let mode = MapState.Mode(rawValue: text.text) else {
            report("The field 'Mode' should have one of these values: [INLINE, DISTRIBUTED]", at: place / "ProcessorConfig" / "Mode")
            return .inline
        }
        if mode == .distributed, !allowsDistributedMap {
            report("Map states in DISTRIBUTED mode are not supported by this server yet", at: place / "ProcessorConfig" / "Mode")
        }
        return mode
    }

    /// `Retry`, with the defaults of the States Language.
    mutating func compileRetriers(_ object: JSONObject, at place: DefinitionPlace) -> [Retrier] {
        let entries = objects("Retry", of: object, isRequired: false, at: place)
        let allowed: Set<String> = [
            "ErrorEquals", "IntervalSeconds", "MaxAttempts", "BackoffRate", "MaxDelaySeconds", "JitterStrategy", "Comment",
        ]
        var retriers: [Retrier] = []
        for (index, (entry, place)) in entries.enumerated() {
            refuseUnknownFields(of: entry, allowed: allowed, at: place)
            let names = errorEquals(of: entry, isLast: index == entries.count - 1, at: place)
            let interval = integer("IntervalSeconds", of: entry, in: 1...99_999_999, at: place) ?? 1
            let attempts = integer("MaxAttempts", of: entry, in: 0...99_999_999, at: place) ?? 3
            let maximum = integer("MaxDelaySeconds", of: entry, in: 1...31_622_400, at: place)
            var rate = 2.0
            if let value = entry["BackoffRate"] {
                if let number = value.number?.double, number >= 1 {
                    rate = number
                } else {
                    report("The value for the field 'BackoffRate' must be a number not below 1.0", at: place / "BackoffRate")
                }
            }
            var hasFullJitter = false
            if let strategy = string("JitterStrategy", of: entry, at: place) {
                hasFullJitter = strategy == "FULL"
                if !hasFullJitter, strategy != "NONE" {
                    report("The field 'JitterStrategy' should have one of these values: [FULL, NONE]", at: place / "JitterStrategy")
                }
            }
            retriers.append(
                Retrier(
                    errorEquals: names, intervalSeconds: interval, maxAttempts: attempts, backoffRate: rate,
                    maxDelaySeconds: maximum, hasFullJitter: hasFullJitter))
        }
        return retriers
    }

    /// `Catch`.
    mutating func compileCatchers(
        _ object: JSONObject, scope: inout DefinitionScope, position: Int, at place: DefinitionPlace
    ) -> [Catcher] {
        let entries = objects("Catch", of: object, isRequired: false, at: place)
        var catchers: [Catcher] = []
        for (index, (entry, place)) in entries.enumerated() {
            refuseUnknownFields(of: entry, allowed: ["ErrorEquals", "ResultPath", "Next", "Assign", "Comment"], at: place)
            let names = errorEquals(of: entry, isLast: index == entries.count - 1, at: place)
            if entry["Next"] == nil { requireFields(["Next"], at: place) }
            let next = target("Next", of: entry, scope: &scope, position: position, at: place)
            let path = resultPath(of: entry, at: place)
            let assign = assign(of: entry, at: place)
            if let next { catchers.append(Catcher(errorEquals: names, resultPath: path, assign: assign, next: next)) }
        }
        return catchers
    }

    private mutating func errorEquals(of entry: JSONObject, isLast: Bool, at place: DefinitionPlace) -> [ErrorName] {
        guard let value = entry["ErrorEquals"] else {
            requireFields(["ErrorEquals"], at: place)
            return []
        }
        guard let elements = value.array, !elements.isEmpty else {
            report("The value for the field 'ErrorEquals' must be a non-empty array", at: place / "ErrorEquals")
            return []
        }
        let names = elements.compactMap(\.string).map(ErrorName.init)
        if names.count < elements.count {
            report("The value for the field 'ErrorEquals' must hold strings only", at: place / "ErrorEquals")
        }
        if names.count > 1, names.contains(.all) {
            report("'States.ALL' must appear alone in 'ErrorEquals'", at: place / "ErrorEquals")
        }
        if names.contains(.all), !isLast {
            report("'States.ALL' must be in the last entry", at: place / "ErrorEquals")
        }
        return names
    }
}

extension ComparisonTest {
    /// Whether a literal is of the type that this operator compares.
    func accepts(_ value: JSONValue) -> Bool {
        switch (self, value) {
        case (.ordered(.string, _), .string), (.stringMatches, .string), (.ordered(.numeric, _), .number),
            (.booleanEquals, .bool), (.isKind, .bool):
            true
        case (.ordered(.timestamp, _), .string(let text)): Timestamp(rfc3339: text.text) != nil
        default: false
        }
    }
}

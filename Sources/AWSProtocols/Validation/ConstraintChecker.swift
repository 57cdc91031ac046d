/// Checks an input against the constraints of its model and words the violations as AWS does.
///
/// The words are those of AWS's own validator, which all the services share: `1 validation error detected: Value 'x' at 'name' failed to
/// satisfy constraint: Member must have length less than or equal to 80`.
struct ConstraintChecker {
    /// What AWS prints at most of a list of violations; more would only fill logs.
    private static let violationLimit = 10

    private let model: ServiceModel
    private var violations: [String] = []

    private init(_ model: ServiceModel) {
        self.model = model
    }

    /// Checks an input.
    /// - Parameter skipped: top-level members whose constraints the handler checks itself; that they are there is checked all the same.
    /// - Throws: the service's validation error with all violations.
    static func check(
        _ input: APIStructure, as shape: Shape, of model: ServiceModel, skipping skipped: Set<String> = []
    ) throws(APIError) {
        guard let layout = shape.layout else { return }
        var checker = ConstraintChecker(model)
        checker.check(input, layout, path: "", skipping: skipped)
        guard !checker.violations.isEmpty else { return }
        let count = checker.violations.count
        throw APIError(
            model.behaviour.validationCode,
            "\(count) validation error\(count == 1 ? "" : "s") detected: \(checker.violations.joined(separator: "; "))",
            httpStatus: 400)
    }

    private mutating func check(_ structure: APIStructure, _ layout: StructureLayout, path: String, skipping: Set<String>) {
        for member in layout.members {
            guard let value = structure[member.name], !value.isNull else {
                if member.isRequired { violate("null", at: path + ConstraintChecker.pathName(member.name), "Member must not be null") }
                continue
            }
            if !skipping.isEmpty, skipping.contains(member.name) { continue }
            let shape = model.shape(of: member)
            // Building the path is the cost here, and most members need none.
            if ConstraintChecker.isFree(shape) { continue }
            check(value, shape, path: path + ConstraintChecker.pathName(member.name))
        }
    }

    private mutating func check(_ value: APIValue, _ shape: Shape, path: String) {
        for rule in ConstraintChecker.brokenRules(of: value, shape) {
            violate(ConstraintChecker.quoted(value, shape), at: path, rule)
        }
        switch (shape.kind, value) {
        case (.structure(let layout), .structure(let structure)):
            check(structure, layout, path: path + ".", skipping: [])
        case (.list(let element), .list(let elements)):
            check(elements, model.shape(of: element), path: path, list: value, shape)
        case (.map(let key, let value), .structure(let entries)):
            check(entries, key: model.shape(of: key), value: model.shape(of: value), path: path, shape)
        default: break
        }
    }

    /// AWS reports elements that are no structures at their list, with all rules of the element.
    private mutating func check(_ elements: [APIValue], _ element: Shape, path: String, list: APIValue, _ shape: Shape) {
        if ConstraintChecker.isFree(element) { return }
        if ConstraintChecker.isSimple(element) {
            if elements.contains(where: { !ConstraintChecker.brokenRules(of: $0, element).isEmpty }) {
                let rules = ConstraintChecker.rules(of: element).joined(separator: ", ")
                violate(ConstraintChecker.quoted(list, shape), at: path, "Member must satisfy constraint: [\(rules)]")
            }
            return
        }
        for (index, value) in elements.enumerated() {
            check(value, element, path: "\(path).\(index + 1).member")
        }
    }

    private mutating func check(_ entries: APIStructure, key: Shape, value: Shape, path: String, _ shape: Shape) {
        let print = { ConstraintChecker.quoted(.structure(entries), shape) }
        if entries.members.contains(where: { !ConstraintChecker.brokenRules(of: .string($0.name), key).isEmpty }) {
            let rules = ConstraintChecker.rules(of: key).joined(separator: ", ")
            violate(print(), at: path, "Map keys must satisfy constraint: [\(rules)]")
        }
        if ConstraintChecker.isFree(value) { return }
        if ConstraintChecker.isSimple(value) {
            if entries.members.contains(where: { !ConstraintChecker.brokenRules(of: $0.value, value).isEmpty }) {
                let rules = ConstraintChecker.rules(of: value).joined(separator: ", ")
                violate(print(), at: path, "Map value must satisfy constraint: [\(rules)]")
            }
            return
        }
        for member in entries.members {
            check(member.value, value, path: "\(path).\(member.name).member")
        }
    }

    private mutating func violate(_ value: String, at path: String, _ rule: String) {
        guard violations.count < ConstraintChecker.violationLimit else { return }
        let shown = value.isEmpty ? "" : " \(value)"
        violations.append("Value\(shown) at '\(path)' failed to satisfy constraint: \(rule)")
    }

    /// Whether neither the shape nor what it holds can be violated.
    private static func isFree(_ shape: Shape) -> Bool {
        shape.constraints.isEmpty && isSimple(shape)
    }

    private static func isSimple(_ shape: Shape) -> Bool {
        switch shape.kind {
        case .structure, .list, .map: false
        default: true
        }
    }

    /// AWS's validator names members as Java does: the first letter small.
    private static func pathName(_ name: String) -> String {
        guard let first = name.utf8.first, (0x41...0x5A).contains(first) else { return name }
        return name.prefix(1).lowercased() + name.dropFirst()
    }

    /// The value as a message shows it: in quotes, or not at all when it is secret.
    private static func quoted(_ value: APIValue, _ shape: Shape) -> String {
        shape.isSensitive ? "" : "'\(ConstraintText.shown(value))'"
    }
}

extension ConstraintChecker {
    /// The rules that a value breaks, in AWS's words.
    fileprivate static func brokenRules(of value: APIValue, _ shape: Shape) -> [String] {
        let constraints = shape.constraints
        if constraints.isEmpty { return [] }
        var rules: [String] = []
        switch value {
        case .string(let text):
            if !constraints.values.isEmpty, !constraints.values.contains(text) {
                rules.append(ConstraintText.values(constraints.values))
            }
            if let maximum = constraints.maximum, text.utf8.count > maximum, text.unicodeScalars.count > maximum {
                rules.append(ConstraintText.longest(maximum))
            }
            if let minimum = constraints.minimum, text.utf8.count < minimum || text.unicodeScalars.count < minimum {
                rules.append(ConstraintText.shortest(minimum))
            }
            if let pattern = constraints.pattern, !pattern.matches(text) {
                rules.append(ConstraintText.pattern(pattern.text))
            }
        case .integer(let number):
            if let maximum = constraints.maximum, number > maximum { rules.append(ConstraintText.greatest(maximum)) }
            if let minimum = constraints.minimum, number < minimum { rules.append(ConstraintText.least(minimum)) }
        case .double(let number):
            if let maximum = constraints.maximum, number > Double(maximum) { rules.append(ConstraintText.greatest(maximum)) }
            if let minimum = constraints.minimum, number < Double(minimum) { rules.append(ConstraintText.least(minimum)) }
        case .blob(let bytes): rules = lengthRules(constraints, bytes.count)
        case .list(let elements): rules = lengthRules(constraints, elements.count)
        case .structure(let entries): rules = lengthRules(constraints, entries.count)
        default: break
        }
        return rules
    }

    private static func lengthRules(_ constraints: Constraints, _ count: Int) -> [String] {
        var rules: [String] = []
        if let maximum = constraints.maximum, count > maximum { rules.append(ConstraintText.longest(maximum)) }
        if let minimum = constraints.minimum, count < minimum { rules.append(ConstraintText.shortest(minimum)) }
        return rules
    }

    /// All rules of a shape that is no structure, list or map.
    fileprivate static func rules(of shape: Shape) -> [String] {
        let constraints = shape.constraints
        var rules: [String] = []
        let isNumber =
            switch shape.kind {
            case .integer, .long, .double: true
            default: false
            }
        if !constraints.values.isEmpty { rules.append(ConstraintText.values(constraints.values)) }
        if let maximum = constraints.maximum {
            rules.append(isNumber ? ConstraintText.greatest(maximum) : ConstraintText.longest(maximum))
        }
        if let minimum = constraints.minimum {
            rules.append(isNumber ? ConstraintText.least(minimum) : ConstraintText.shortest(minimum))
        }
        if let pattern = constraints.pattern { rules.append(ConstraintText.pattern(pattern.text)) }
        return rules
    }
}

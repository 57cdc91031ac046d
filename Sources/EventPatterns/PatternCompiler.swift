import JSONCore

/// Turns the JSON of a pattern into matchers, with the error texts of AWS's compiler.
enum PatternCompiler {
    /// How many patterns without `$or` a pattern may stand for (EventBridge User Guide, "Complex example with multiple matching").
    private static let combinationLimit = 1_000

    /// Parses the text of a pattern. Of a field that an object names twice the last one counts, as on AWS.
    static func parse(_ text: String) throws(EventPatternError) -> JSONValue {
        let bytes = Array(text.utf8)
        do throws(JSONParseError) {
            return try JSONParser.parse(bytes, depthLimit: 100)
        } catch {
            let fault = JSONFault(error, in: bytes)
            throw EventPatternError(
                """
                \(fault.reason)
                 at [Source: (String)"\(text.prefix(500))"; line: \(fault.line), column: \(fault.column)]
                """)
        }
    }

    /// Compiles a whole pattern.
    static func compile(_ pattern: JSONValue) throws(EventPatternError) -> ObjectPattern {
        guard let object = pattern.object else { throw EventPatternError("Filter is not an object") }
        let compiled = try compile(object, path: [])
        guard compiled.combinations <= combinationLimit else {
            throw EventPatternError("The pattern has more than \(combinationLimit) combinations of the alternatives of its \"$or\".")
        }
        return compiled
    }

    /// Compiles one object of a pattern, whose fields lie at `path`.
    static func compile(_ object: JSONObject, path: [JSONString]) throws(EventPatternError) -> ObjectPattern {
        guard !object.isEmpty else { throw EventPatternError("Empty objects are not allowed") }
        var compiled = ObjectPattern()
        for member in object.members {
            if member.key == "$or", let choices = alternatives(member.value) {
                for choice in choices { compiled.alternatives.append(try compile(choice, path: path)) }
                continue
            }
            let names = DottedNames.parts(of: member.key)
            let fieldPath = path + names
            var condition: ObjectPattern.Condition
            switch member.value {
            case .object(let nested): condition = .object(try compile(nested, path: fieldPath))
            case .array(let elements): condition = .values(try matchers(elements))
            default: throw EventPatternError("\"\(member.key)\" must be an object or an array")
            }
            for depth in (1..<names.count).reversed() {
                let field = ObjectPattern.Field(
                    name: names[depth], path: path + names[...depth], condition: condition)
                condition = .object(ObjectPattern(fields: [field]))
            }
            compiled.fields.append(.init(name: names[0], path: path + [names[0]], condition: condition))
        }
        return compiled
    }

    /// The objects of a `$or`; nil when the field is an ordinary one that happens to have that name: Event Ruler takes it as an
    /// operator only with two or more objects that have fields other than the names of operators.
    private static func alternatives(_ value: JSONValue) -> [JSONObject]? {
        guard let elements = value.array, elements.count >= 2 else { return nil }
        var choices: [JSONObject] = []
        for element in elements {
            guard let object = element.object, !object.isEmpty,
                !object.keys.allSatisfy({ MatchExpression.operators.contains($0.text) })
            else { return nil }
            choices.append(object)
        }
        return choices
    }

    private static func matchers(_ elements: [JSONValue]) throws(EventPatternError) -> [ValueMatcher] {
        guard !elements.isEmpty else { throw EventPatternError("Empty arrays are not allowed") }
        var matchers: [ValueMatcher] = []
        for element in elements {
            switch element {
            case .object(let expression): matchers.append(try MatchExpression.compile(expression))
            case .array:
                throw EventPatternError("Match value must be String, number, true, false, or null")
            default: matchers.append(.exactly(element))
            }
        }
        return matchers
    }
}

extension ObjectPattern {
    /// How many patterns without `$or` this one stands for; a number above any limit when there are very many.
    fileprivate var combinations: Int {
        let nested = fields.map { if case .object(let pattern) = $0.condition { pattern.combinations } else { 1 } }
        let choices = alternatives.isEmpty ? 1 : alternatives.reduce(0) { min(1 << 20, $0 + $1.combinations) }
        return nested.reduce(choices) { min(1 << 20, $0 * $1) }
    }
}

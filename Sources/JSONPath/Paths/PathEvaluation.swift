import JSONCore

/// One evaluation of a path: the document that `$` inside filters means, and how much work is left.
struct PathEvaluation {
    private let document: JSONValue
    private var stepsLeft: Int

    init(document: JSONValue, limits: PathLimits) {
        self.document = document
        stepsLeft = limits.steps
    }

    /// The path's outcome from `start`: the document, or the value under test for a path that begins with `@`.
    mutating func outcome(of path: Path, from start: JSONValue) throws(PathFailure) -> PathOutcome {
        if Path.appliesFunctionToAllMatches(path.steps), case .function(let function, let arguments)? = path.steps.last {
            var matches: [JSONValue] = []
            try collect(path.steps.dropLast(), from: start, into: &matches)
            return .value(try call(function, arguments, on: .array(matches)))
        }
        if path.isDefinite { return try definiteOutcome(of: path, from: start) }
        var matches: [JSONValue] = []
        try collect(path.steps[...], from: start, into: &matches)
        return .value(.array(matches))
    }

    /// What a path inside a filter stands for, nil when it leads nowhere.
    mutating func value(of path: Path, current: JSONValue) throws(PathFailure) -> JSONValue? {
        try outcome(of: path, from: path.startsAtCurrent ? current : document).value
    }

    private mutating func spend() throws(PathFailure) {
        stepsLeft -= 1
        if stepsLeft < 0 { throw .tooManySteps }
    }

    private mutating func definiteOutcome(of path: Path, from start: JSONValue) throws(PathFailure) -> PathOutcome {
        var value = start
        for (position, step) in path.steps.enumerated() {
            try spend()
            switch step {
            case .member(let name):
                guard case .object(let object) = value, let next = object[name] else {
                    return .missing(MissingPath(in: path, at: position, found: value))
                }
                value = next
            case .element(let index):
                guard case .array(let elements) = value, let next = PathEvaluation.element(index, of: elements) else {
                    return .missing(MissingPath(in: path, at: position, found: value))
                }
                value = next
            case .members(let names):
                guard case .object(let object) = value, position == path.steps.count - 1 else {
                    return .missing(MissingPath(in: path, at: position, found: value))
                }
                value = .object(PathEvaluation.members(names, of: object))
            case .function(let function, let arguments):
                value = try call(function, arguments, on: value)
            case .elements, .slice, .wildcard, .descent, .filter:
                preconditionFailure("a definite path has definite steps only")
            }
        }
        return .value(value)
    }

    private static func element(_ index: Int, of elements: [JSONValue]) -> JSONValue? {
        let position = index < 0 ? elements.count + index : index
        guard position >= 0, position < elements.count else { return nil }
        return elements[position]
    }

    /// One object of the members that exist: what several names in one bracket give as the last step.
    private static func members(_ names: [JSONString], of object: JSONObject) -> JSONObject {
        var merged = JSONObject(capacity: names.count)
        for name in names { if let value = object[name] { merged.set(name, value) } }
        return merged
    }
}

// MARK: - Several matches

extension PathEvaluation {
    /// Appends all values that the steps lead to; what does not fit is left out.
    private mutating func collect(
        _ steps: ArraySlice<PathStep>, from value: JSONValue, into matches: inout [JSONValue]
    ) throws(PathFailure) {
        try spend()
        guard let step = steps.first else {
            matches.append(value)
            return
        }
        let rest = steps.dropFirst()
        switch (step, value) {
        case (.member(let name), .object(let object)):
            if let next = object[name] { try collect(rest, from: next, into: &matches) }
        case (.members(let names), .object(let object)):
            if rest.isEmpty {
                matches.append(.object(PathEvaluation.members(names, of: object)))
            } else {
                for name in names { if let next = object[name] { try collect(rest, from: next, into: &matches) } }
            }
        case (.element(let index), .array(let elements)):
            try collect(rest, index, of: elements, into: &matches)
        case (.elements(let indices), .array(let elements)):
            for index in indices { try collect(rest, index, of: elements, into: &matches) }
        case (.slice(let from, let to), .array(let elements)):
            for index in PathEvaluation.range(from, to, count: elements.count) {
                try collect(rest, index, of: elements, into: &matches)
            }
        case (.wildcard, .array(let elements)):
            for element in elements { try collect(rest, from: element, into: &matches) }
        case (.wildcard, .object(let object)):
            for member in object.members { try collect(rest, from: member.value, into: &matches) }
        case (.filter(let filter), .array(let elements)):
            for element in elements where try accepts(element, filter) {
                try collect(rest, from: element, into: &matches)
            }
        case (.filter(let filter), .object):
            if try accepts(value, filter) { try collect(rest, from: value, into: &matches) }
        case (.descent, .array), (.descent, .object):
            try descend(rest, from: value, into: &matches)
        case (.function(let function, let arguments), _):
            try collect(rest, from: try call(function, arguments, on: value), into: &matches)
        default:
            return
        }
    }

    private mutating func collect(
        _ rest: ArraySlice<PathStep>, _ index: Int, of elements: [JSONValue], into matches: inout [JSONValue]
    ) throws(PathFailure) {
        if let element = PathEvaluation.element(index, of: elements) { try collect(rest, from: element, into: &matches) }
    }

    /// The positions of a slice, as Jayway counts them: a slice with both ends does not resolve negative ones, but each
    /// position from `from` up to `to` is an index of its own, so `[-3:-1]` works and `[1:-1]` is empty.
    private static func range(_ from: Int?, _ to: Int?, count: Int) -> Range<Int> {
        switch (from, to) {
        case (let from?, let to?):
            let end = min(count, to)
            let start = max(from, -count)
            return start < end ? start..<end : 0..<0
        case (let from?, nil):
            let start = max(0, from < 0 ? count + from : from)
            return start < count ? start..<count : 0..<0
        case (nil, let to?):
            let end = min(count, to < 0 ? count + to : to)
            return end > 0 ? 0..<end : 0..<0
        case (nil, nil):
            return 0..<count
        }
    }

    /// Applies the steps to the value and to everything inside it, outer values first.
    private mutating func descend(
        _ rest: ArraySlice<PathStep>, from value: JSONValue, into matches: inout [JSONValue]
    ) throws(PathFailure) {
        try spend()
        switch value {
        case .object(let object):
            try collect(rest, from: value, into: &matches)
            for member in object.members { try descend(rest, from: member.value, into: &matches) }
        case .array(let elements):
            if case .filter(let filter)? = rest.first {
                // Objects are tested when the descent reaches them; an array tests its other elements only.
                for element in elements where element.object == nil && element.array == nil {
                    if try accepts(element, filter) { try collect(rest.dropFirst(), from: element, into: &matches) }
                }
            } else {
                try collect(rest, from: value, into: &matches)
            }
            for element in elements { try descend(rest, from: element, into: &matches) }
        default:
            return
        }
    }
}

// MARK: - Filters and functions

extension PathEvaluation {
    /// Whether the value under test fulfils the condition.
    mutating func accepts(_ current: JSONValue, _ filter: PathFilter) throws(PathFailure) -> Bool {
        try spend()
        switch filter {
        case .and(let parts):
            for part in parts where try !accepts(current, part) { return false }
            return true
        case .or(let parts):
            for part in parts where try accepts(current, part) { return true }
            return false
        case .not(let inner):
            return try !accepts(current, inner)
        case .exists(let path):
            guard let found = try value(of: path, current: current) else { return false }
            if path.isDefinite { return true }
            return found.array?.isEmpty == false
        case .comparison(let left, let comparison, let right):
            let first = try operand(left, current: current)
            let second = try operand(right, current: current)
            // Lists are compared element by element; both count as visited.
            stepsLeft -= (first?.array?.count ?? 0) &+ (second?.array?.count ?? 0)
            return comparison.holds(first, second)
        }
    }

    private mutating func operand(_ operand: PathOperand, current: JSONValue) throws(PathFailure) -> JSONValue? {
        switch operand {
        case .literal(let value): value
        case .path(let path): try value(of: path, current: current)
        }
    }

    private mutating func call(
        _ function: PathFunction, _ arguments: [PathOperand], on value: JSONValue
    ) throws(PathFailure) -> JSONValue {
        var values: [JSONValue] = []
        for argument in arguments { if let value = try operand(argument, current: value) { values.append(value) } }
        return try function.result(on: value, arguments: values)
    }
}

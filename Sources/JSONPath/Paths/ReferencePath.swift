package import JSONCore

/// A path that names exactly one place: names and indices only. For `ResultPath`, `Variable`, `TimeoutSecondsPath` and their like.
///
/// Source: Amazon States Language, "Reference Paths".
package struct ReferencePath: Sendable, Hashable {
    /// One step: into an object or into an array.
    package enum Step: Sendable, Hashable {
        /// The member with this key.
        case member(JSONString)
        /// The element at this index, from zero.
        case element(Int)
    }

    /// The same place as a path.
    package let path: Path
    /// The steps from the root.
    package let steps: [Step]

    /// Parses a path and refuses what could lead to several values: wildcards, slices, filters, descent, functions.
    package init(parsing text: JSONString) throws(PathParseError) {
        path = try Path(parsing: text)
        var steps: [Step] = []
        for step in path.steps {
            switch step {
            case .member(let key): steps.append(.member(key))
            case .element(let index) where index >= 0: steps.append(.element(index))
            default: throw PathParseError("a reference path may only have names and indices", offset: 0)
            }
        }
        self.steps = steps
    }

    /// Parses a path and refuses what could lead to several values: wildcards, slices, filters, descent, functions.
    package init(parsing text: String) throws(PathParseError) {
        try self.init(parsing: JSONString(text))
    }

    /// The text the path was parsed from.
    package var source: JSONString { path.source }
    /// What the path starts from.
    package var root: PathRoot { path.root }

    /// The value at the place, nil when the document has no such place.
    package func get(from document: JSONValue) -> JSONValue? {
        ReferencePath.value(at: steps[...], in: document)
    }

    /// Puts a value at the place, in place: missing objects on the way are made, an element of an array must exist.
    /// On failure the document is unchanged.
    package func set(_ value: JSONValue, into document: inout JSONValue) throws(ResultPathMatchFailure) {
        try ReferencePath.put(value, at: steps[...], into: &document)
    }

    private static func value(at steps: ArraySlice<Step>, in document: JSONValue) -> JSONValue? {
        guard let step = steps.first else { return document }
        switch (step, document) {
        case (.member(let key), .object(let object)):
            guard let next = object[key] else { return nil }
            return value(at: steps.dropFirst(), in: next)
        case (.element(let index), .array(let elements)) where index < elements.count:
            return value(at: steps.dropFirst(), in: elements[index])
        default: return nil
        }
    }

    private static func put(
        _ value: JSONValue, at steps: ArraySlice<Step>, into document: inout JSONValue
    ) throws(ResultPathMatchFailure) {
        guard let step = steps.first else {
            document = value
            return
        }
        switch step {
        case .member(let key): try put(value, at: steps.dropFirst(), member: key, into: &document)
        case .element(let index): try put(value, at: steps.dropFirst(), element: index, into: &document)
        }
    }

    private static func put(
        _ value: JSONValue, at rest: ArraySlice<Step>, member key: JSONString, into document: inout JSONValue
    ) throws(ResultPathMatchFailure) {
        guard case .object(var object) = document else {
            throw ResultPathMatchFailure("member '\(key)' cannot be set in a JSON \(document.typeName)")
        }
        // The document lets go of its object, so that it is changed in place and not copied.
        document = .null
        var failure: ResultPathMatchFailure?
        if object.contains(key) {
            failure = object.update(key) { inner in attempt(value, at: rest, into: &inner) }
        } else {
            var inner = JSONValue.object(JSONObject())
            failure = attempt(value, at: rest, into: &inner)
            if failure == nil { object.set(key, inner) }
        }
        document = .object(object)
        if let failure { throw failure }
    }

    private static func put(
        _ value: JSONValue, at rest: ArraySlice<Step>, element index: Int, into document: inout JSONValue
    ) throws(ResultPathMatchFailure) {
        guard case .array(var elements) = document else {
            throw ResultPathMatchFailure("element \(index) cannot be set in a JSON \(document.typeName)")
        }
        guard index < elements.count else {
            throw ResultPathMatchFailure("element \(index) does not exist in an array of \(elements.count)")
        }
        document = .null
        let failure = attempt(value, at: rest, into: &elements[index])
        document = .array(elements)
        if let failure { throw failure }
    }

    private static func attempt(
        _ value: JSONValue, at rest: ArraySlice<Step>, into inner: inout JSONValue
    ) -> ResultPathMatchFailure? {
        do throws(ResultPathMatchFailure) {
            try put(value, at: rest, into: &inner)
            return nil
        } catch {
            return error
        }
    }
}

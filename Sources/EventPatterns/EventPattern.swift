package import JSONCore

/// A compiled event pattern: which events a rule is for.
///
/// The language is that of "Event patterns" in the EventBridge User Guide, its corner cases those of AWS's open-source
/// compiler, Event Ruler. A pattern names fields; every field named must be there with one of the values named. Arrays in
/// events are transparent: a field of an array matches when one element does, and all fields below an array of objects must
/// match in the same element.
package struct EventPattern: Hashable, Sendable {
    /// What it asks of the whole event.
    let root: ObjectPattern

    /// Compiles the JSON text of a pattern.
    package init(parsing text: String) throws(EventPatternError) {
        try self.init(PatternCompiler.parse(text))
    }

    /// Compiles a pattern that has been parsed already.
    package init(_ pattern: JSONValue) throws(EventPatternError) {
        root = try PatternCompiler.compile(pattern)
    }

    /// A pattern whose parts are compiled already.
    init(root: ObjectPattern) {
        self.root = root
    }

    /// Whether `event` is one of those that the pattern describes.
    package func matches(_ event: JSONValue) -> Bool {
        matches(prepared: EventPattern.prepared(event))
    }

    /// Whether an event matches that has been prepared.
    package func matches(prepared event: JSONValue) -> Bool {
        root.matches(event, root: event)
    }

    /// An event as patterns look at it: once for all of them.
    package static func prepared(_ event: JSONValue) -> JSONValue {
        DottedNames.expanded(event)
    }

    /// Whether an event with these members at its root may match, whatever its other members are.
    package func mayMatch(_ facts: [JSONString: JSONValue]) -> Bool {
        root.mayMatch(facts)
    }
}

package import EventPatterns
package import JSONCore

/// Which messages of a queue a function gets (AWS Lambda Developer Guide, "Using event filtering with an Amazon SQS event source").
package struct QueueFilter: Sendable {
    private let patterns: [EventPattern]

    /// A filter of patterns, of which a message must match one.
    package init(_ patterns: [String]) throws(EventPatternError) {
        var compiled: [EventPattern] = []
        for pattern in patterns { compiled.append(try EventPattern(parsing: pattern)) }
        self.patterns = compiled
    }

    /// Whether every message passes.
    package var passesAll: Bool { patterns.isEmpty }

    /// Whether a message passes. `body` is seen as JSON when it is an object, else as a text.
    package func passes(_ record: JSONObject) -> Bool {
        guard !patterns.isEmpty else { return true }
        var seen = record
        if let text = record["body"]?.string, let body = try? JSONParser.parse(text.bytes), body.object != nil { seen["body"] = body }
        let event = JSONValue.object(seen)
        return patterns.contains { $0.matches(event) }
    }
}

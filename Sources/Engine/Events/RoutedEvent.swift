package import JSONCore
package import TimeSource

/// An event with what targets are given of it, made once for all of them.
package struct RoutedEvent: Sendable {
    /// The event's id.
    package let id: String
    /// The event as JSON.
    package let value: JSONValue
    /// When the server accepted it.
    package let ingestedAt: Timestamp
    /// The `X-Amzn-Trace-Id` to go on with.
    package let traceHeader: String?
    /// Whether it came from another bus.
    package let isForwarded: Bool
    private var written: String?

    /// An event of these facts.
    package init(id: String, value: JSONValue, ingestedAt: Timestamp, traceHeader: String? = nil, isForwarded: Bool = false) {
        self.id = id
        self.value = value
        self.ingestedAt = ingestedAt
        self.traceHeader = traceHeader
        self.isForwarded = isForwarded
    }

    /// The event's JSON text.
    package var text: String {
        mutating get {
            if let written { return written }
            let text = JSONWriter.text(of: value)
            written = text
            return text
        }
    }
}

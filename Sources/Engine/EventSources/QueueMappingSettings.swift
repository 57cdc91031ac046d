import EventPatterns
import JSONCore

/// How a queue feeds a function (Lambda API Reference, CreateEventSourceMapping).
package struct QueueMappingSettings: Sendable, Hashable {
    /// AWS's default of `BatchSize`.
    package static let defaultBatchSize = 10

    /// Messages of a batch at most.
    package var batchSize = QueueMappingSettings.defaultBatchSize
    /// How long a batch that is not full waits for more messages.
    package var batchingWindow = Duration.zero
    /// Whether the function tells which messages it failed at (`ReportBatchItemFailures`).
    package var reportsItemFailures = false
    /// How many batches run side by side at most (`MaximumConcurrency`); nil without a limit of its own.
    package var maximumConcurrency: Int?
    /// Patterns of which a message must match one; all messages pass when there is none.
    package var patterns: [String] = []

    /// AWS's defaults.
    package init() {}

    /// Reads what was stored; what cannot be read has its default.
    package init(encoded: [UInt8]) {
        guard let value = try? JSONParser.parse(encoded) else { return }
        batchSize = value["batchSize"]?.integer.map { Int($0) } ?? batchSize
        batchingWindow = .milliseconds(value["windowMilliseconds"]?.integer ?? 0)
        reportsItemFailures = value["reportsItemFailures"] == .bool(true)
        maximumConcurrency = value["maximumConcurrency"]?.integer.map { Int($0) }
        patterns = value["patterns"]?.array?.compactMap(\.text) ?? []
    }

    /// The form that is stored.
    package var encoded: [UInt8] {
        var object: JSONObject = [
            "batchSize": .integer(batchSize), "windowMilliseconds": .integer(batchingWindow.components.seconds * 1_000),
            "reportsItemFailures": .bool(reportsItemFailures), "patterns": .array(patterns.map(JSONValue.text)),
        ]
        if let maximumConcurrency { object["maximumConcurrency"] = .integer(maximumConcurrency) }
        return JSONWriter.bytes(of: .object(object))
    }
}

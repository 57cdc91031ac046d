import AgentProtocol

/// A report and what its success means for the spool.
struct ReportBatch: Sendable {
    var report = Report(messages: [])
    /// The messages of each attempt that are not output.
    var told: [AttemptID: [AgentMessage]] = [:]
    /// Up to where each attempt's output is in the report.
    var ends: [AttemptID: OutputReader.Position] = [:]
    /// Bytes of output in it, with what surrounds them.
    var outputBytes = 0

    /// Output in one report, unencoded: with base64 and the frame of JSON about a quarter of what the server takes.
    static let mostOutputBytes = 640 * 1024
    /// Of which one attempt gets at most so much, so that a chatty job does not delay the others.
    static let mostBytesOfOneAttempt = 256 * 1024

    /// What the JSON around a chunk takes, so that many short lines do not make a report too large.
    static let chunkOverhead = 256

    var isEmpty: Bool { report.messages.isEmpty }
}

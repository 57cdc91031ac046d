import TimeSource

/// The lines that Lambda itself writes to a function's log, in its formats, each with its line feed.
///
/// Formats: "Understanding Lambda's log formats" and the REPORT line's fields in the Lambda developer guide.
enum LogLines {
    /// The first line of an invocation.
    static func start(requestID: String, version: String) -> String {
        "START RequestId: \(requestID) Version: \(version)\n"
    }

    /// The last but one.
    static func end(requestID: String) -> String {
        "END RequestId: \(requestID)\n"
    }

    /// The last line, with the figures.
    static func report(requestID: String, _ report: InvocationReport) -> String {
        var line = "REPORT RequestId: \(requestID)\tDuration: \(milliseconds(report.duration)) ms"
        line += "\tBilled Duration: \(report.billedDuration.wholeMilliseconds) ms"
        line += "\tMemory Size: \(report.memorySize) MB\tMax Memory Used: \(report.maxMemoryUsed) MB\t"
        if let initDuration = report.initDuration { line += "Init Duration: \(milliseconds(initDuration)) ms\t" }
        switch report.failure {
        case nil: break
        case .timeout: line += "Status: timeout"
        case .error(let type): line += "Status: error\tError Type: \(type)"
        }
        return line + "\n"
    }

    /// `2026-11-20T23:35:56.123Z <request id> Task timed out after 3.00 seconds`, without a line feed.
    static func timedOut(requestID: String, after limit: Duration, at now: Timestamp) -> String {
        "\(now.iso8601Milliseconds) \(requestID) Task timed out after \(hundredths(limit.wholeMilliseconds / 10)) seconds"
    }

    /// The name of a log stream: day, version in brackets, and the process's own 32 digits.
    static func streamName(day: Timestamp, version: String, unique: String) -> String {
        let date = CivilDateTime(day).date
        return "\(date.year)/\(twoDigits(date.month))/\(twoDigits(date.day))/[\(version)]\(unique)"
    }

    private static func milliseconds(_ duration: Duration) -> String {
        hundredths(max(0, duration.wholeNanoseconds) / 10_000)
    }

    private static func hundredths(_ value: Int64) -> String {
        "\(value / 100).\(twoDigits(Int(value % 100)))"
    }

    private static func twoDigits(_ value: Int) -> String {
        value < 10 ? "0\(value)" : "\(value)"
    }
}

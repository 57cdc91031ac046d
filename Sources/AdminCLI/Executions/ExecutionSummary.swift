package import JSONCore
package import TimeSource

/// An execution as DescribeExecution and ListExecutions answer it.
package struct ExecutionSummary: Sendable {
    /// Its ARN.
    package let arn: String
    /// Its name.
    package let name: String
    /// The state machine's name.
    package let stateMachine: String
    /// RUNNING, SUCCEEDED, FAILED, TIMED_OUT, ABORTED.
    package let status: String
    /// When it started.
    package let startedAt: Timestamp
    /// When it ended, nil while it runs.
    package let stoppedAt: Timestamp?
    /// The error's name, if it failed with one.
    package let error: String?
    /// What the error says.
    package let cause: String?
    /// The output's JSON text, if it succeeded.
    package let output: String?

    /// Reads an answer; nil when it is none.
    package init?(_ value: JSONValue) {
        guard let arn = value["executionArn"]?.text, let status = value["status"]?.text,
            let started = value["startDate"]?.number?.double
        else { return nil }
        self.arn = arn
        self.status = status
        name = value["name"]?.text ?? arn
        stateMachine = value["stateMachineArn"]?.text?.split(separator: ":").last.map(String.init) ?? ""
        startedAt = Timestamp(apiSeconds: started)
        stoppedAt = value["stopDate"]?.number.map { Timestamp(apiSeconds: $0.double) }
        error = value["error"]?.text
        cause = value["cause"]?.text
        output = value["output"]?.text
    }

    /// How long it has run, or ran.
    package func duration(now: Timestamp) -> Duration { (stoppedAt ?? now) - startedAt }

    /// What the live view says at its end: the status, and for a failure the error, its whole cause and where to look further.
    package func outcome(_ style: OutputStyle) -> [String] {
        let took = DurationText.text(duration(now: startedAt))
        var lines = [
            style.paint(status, OutputStyle.role(ofStatus: status)) + " after \(took)  \(DisplayText.line("\(stateMachine):\(name)"))"
        ]
        if let error, !error.isEmpty { lines.append("error  " + style.paint(DisplayText.line(error), .bad)) }
        if let cause, !cause.isEmpty {
            for (index, line) in DisplayText.lines(cause).enumerated() { lines.append((index == 0 ? "cause  " : "       ") + line) }
        }
        if status != "SUCCEEDED" { lines.append("look   nightshift history \(DisplayText.line(arn))") }
        return lines
    }
}

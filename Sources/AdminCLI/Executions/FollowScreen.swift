package import JSONCore
package import TimeSource

/// Where the live view is written: lines for people, or a JSON document a line.
package struct FollowScreen {
    private let style: OutputStyle
    private let painter: FollowPainter?
    private let write: (String) -> Void
    private var hasStatus = false

    /// A screen for people, or with `isJSON` for programs.
    package init(style: OutputStyle, zone: LocalTime, isJSON: Bool, write: @escaping (String) -> Void) {
        self.style = style
        painter = isJSON ? nil : FollowPainter(style: style, zone: zone)
        self.write = write
    }

    /// Shows a history event; `line` is what the live view makes of it.
    package mutating func show(_ event: ExecutionEvent, _ line: FollowLine?) {
        guard let painter else { return json("event", .object(APIText.readable(event.json))) }
        if let line { put(painter.text(line)) }
    }

    /// Shows a line that a command or function wrote.
    package mutating func show(_ output: OutputLine) {
        guard let painter else {
            return json(
                "output",
                [
                    "timestamp": .text(output.at.iso8601Milliseconds), "function": output.source.map(JSONValue.text) ?? .null,
                    "stream": output.isError ? "stderr" : "stdout", "message": .text(output.text),
                ])
        }
        put(painter.text(output))
    }

    /// Shows how the execution ended; `description` is DescribeExecution's answer.
    package mutating func show(_ summary: ExecutionSummary, _ description: JSONObject) {
        guard painter != nil else { return json("outcome", .object(APIText.readable(description))) }
        for line in summary.outcome(style) { put(line) }
    }

    /// Rewrites the last line of a terminal.
    package mutating func showStatus(_ view: FollowView, now: Timestamp) {
        guard style.isTerminal, let painter, !view.isOver else { return }
        write((hasStatus ? "\r\u{1B}[K" : "") + painter.status(view, now: now))
        hasStatus = true
    }

    /// Takes the rewritten line away, before something else is written.
    package mutating func clearStatus() {
        if hasStatus { write("\r\u{1B}[K") }
        hasStatus = false
    }

    private mutating func put(_ line: String) {
        clearStatus()
        write(line + "\n")
    }

    private func json(_ kind: JSONString, _ value: JSONValue) {
        write(JSONWriter.text(of: .object([kind: value])) + "\n")
    }
}

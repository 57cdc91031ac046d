package import TimeSource

/// Paints the lines of the live view.
package struct FollowPainter {
    private let style: OutputStyle
    private let zone: LocalTime

    /// A painter for this stream and time zone.
    package init(style: OutputStyle, zone: LocalTime) {
        self.style = style
        self.zone = zone
    }

    /// A line about a state or the execution: when, a mark, the state, how long it took or what was wrong.
    package func text(_ line: FollowLine) -> String {
        let (mark, role) = look(line)
        let indent = String(repeating: "  ", count: line.depth)
        var text = DisplayText.line(line.text, isUnicode: style.isUnicode)
        var detail = DisplayText.line(line.detail, isUnicode: style.isUnicode)
        if case .left(let duration) = line.kind { detail = DurationText.text(duration) }
        // Only a detail is cut, for a name that is cut cannot be looked for; and not an error's, which nobody would see elsewhere.
        if let width = style.width, line.kind != .failed {
            detail = DisplayText.cut(
                detail, to: max(10, width - 14 - indent.count - DisplayText.width(text)), isUnicode: style.isUnicode)
        }
        text = style.paint("\(mark) \(text)", role)
        let time = style.paint(zone.time(line.at), .faint)
        return "\(time)  \(indent)\(text)" + (detail.isEmpty ? "" : "  " + detail)
    }

    /// A line that a command or a function wrote.
    package func text(_ output: OutputLine) -> String {
        let bar = style.isUnicode ? "│" : "|"
        let label = output.source.map { "\($0) \(bar) " } ?? "\(bar) "
        let text = DisplayText.cut(
            DisplayText.line(output.text, isUnicode: style.isUnicode), to: style.width.map { $0 - 10 - DisplayText.width(label) },
            isUnicode: style.isUnicode)
        return String(repeating: " ", count: 10) + style.paint(label, .faint) + (output.isError ? style.paint(text, .doubtful) : text)
    }

    /// The last line on a terminal while the execution runs: what is open, and for how long.
    package func status(_ view: FollowView, now: Timestamp) -> String {
        let states = view.openStates.suffix(3).map { state in
            "\(DisplayText.line(state.name)) \(DurationText.text(now - state.enteredAt))"
        }
        let since = view.startedAt.map { DurationText.text(now - $0) } ?? ""
        let text = (["running \(since)"] + states).joined(separator: style.isUnicode ? " · " : ", ")
        return style.paint(DisplayText.cut(text, to: style.width.map { $0 - 1 }, isUnicode: style.isUnicode), .running)
    }

    private func look(_ line: FollowLine) -> (mark: String, role: OutputStyle.Role) {
        switch line.kind {
        case .entered: (style.isUnicode ? "▶" : ">", .running)
        case .left: (style.isUnicode ? "✔" : "+", .good)
        case .failed: (style.isUnicode ? "✘" : "!", .bad)
        case .retried: (style.isUnicode ? "↻" : "~", .doubtful)
        case .noted: (style.isUnicode ? "·" : "-", .faint)
        case .ended: (style.isUnicode ? "■" : "=", line.text == "ExecutionSucceeded" ? .good : .bad)
        }
    }
}

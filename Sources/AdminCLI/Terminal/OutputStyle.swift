/// What an output stream can show: colours, how many columns, which characters.
package struct OutputStyle: Hashable, Sendable {
    /// Whether colours and a rewritten last line may be used: only ever on a terminal.
    package var isTerminal: Bool
    /// Whether text may be coloured.
    package var hasColours: Bool
    /// The columns of a line; nil when lines may be of any length.
    package var width: Int?
    /// Whether characters beyond ASCII can be shown.
    package var isUnicode: Bool

    /// A style of these parts.
    package init(isTerminal: Bool, hasColours: Bool, width: Int?, isUnicode: Bool) {
        self.isTerminal = isTerminal
        self.hasColours = hasColours
        self.width = width
        self.isUnicode = isUnicode
    }

    /// For files and pipes: no colours, lines of any length, ASCII marks.
    package static let plain = OutputStyle(isTerminal: false, hasColours: false, width: nil, isUnicode: false)

    /// The style for a stream.
    /// - Parameters:
    ///   - isTerminal: whether the stream is a terminal.
    ///   - columns: the terminal's columns, when they are known.
    ///   - environment: says NO_COLOR (https://no-color.org), TERM and the locale.
    package init(isTerminal: Bool, columns: Int?, environment: ProcessEnvironment) {
        let locale = environment.first("LC_ALL", "LC_CTYPE", "LANG")?.value.lowercased() ?? ""
        self.init(
            isTerminal: isTerminal,
            hasColours: isTerminal && environment.first("NO_COLOR") == nil && environment.variables["TERM"] != "dumb",
            width: isTerminal ? columns ?? 80 : nil, isUnicode: locale.contains("utf-8") || locale.contains("utf8"))
    }

    /// What a text means, which decides how it is coloured.
    package enum Role: Sendable {
        /// Titles of columns.
        case heading
        /// Something that began.
        case running
        /// Something that ended well.
        case good
        /// Something that went wrong.
        case bad
        /// Something to look at.
        case doubtful
        /// What matters less.
        case faint
    }

    /// The text in the colour of its role; unchanged without colours.
    ///
    /// Bold and the terminal's own six colours only: they follow its palette, dark or light. Dark blue and the dim attribute, which
    /// many dark palettes make unreadable, are not used.
    package func paint(_ text: String, _ role: Role) -> String {
        guard hasColours, !text.isEmpty else { return text }
        let code =
            switch role {
            case .heading: "1"
            case .running: "36"
            case .good: "32"
            case .bad: "1;31"
            case .doubtful: "33"
            case .faint: "90"
            }
        return "\u{1B}[\(code)m\(text)\u{1B}[0m"
    }

    /// The colour of an execution's status.
    package static func role(ofStatus status: String) -> Role {
        switch status {
        case "SUCCEEDED", "Online": .good
        case "RUNNING": .running
        case "ABORTED", "PENDING_REDRIVE", "ConnectionLost": .doubtful
        case "FAILED", "TIMED_OUT": .bad
        default: .faint
        }
    }
}

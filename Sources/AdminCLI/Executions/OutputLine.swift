package import TimeSource

/// A line that a command or a function of an execution wrote.
package struct OutputLine: Hashable, Sendable {
    /// When it was written.
    package let at: Timestamp
    /// The function that wrote it, nil for a command.
    package let source: String?
    /// Whether it was written to standard error.
    package let isError: Bool
    /// The line without its line break.
    package let text: String

    /// A line.
    package init(at: Timestamp, source: String?, isError: Bool, text: String) {
        self.at = at
        self.source = source
        self.isError = isError
        self.text = text
    }
}

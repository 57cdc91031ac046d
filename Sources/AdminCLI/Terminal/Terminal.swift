import Foundation

/// Standard output and standard error, with what they can show.
package struct Terminal: Sendable {
    /// What standard output can show.
    package let style: OutputStyle

    /// The process's own streams.
    package init(environment: ProcessEnvironment = .current) {
        var size = winsize()
        let isTerminal = isatty(STDOUT_FILENO) == 1
        let columns =
            isTerminal && ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
            ? Int(size.ws_col) : environment.first("COLUMNS").flatMap { Int($0.value) }
        style = OutputStyle(isTerminal: isTerminal, columns: columns, environment: environment)
    }

    /// Writes a line to standard output.
    package func line(_ text: String) {
        write(text + "\n")
    }

    /// Writes lines to standard output.
    package func lines(_ lines: [String]) {
        guard !lines.isEmpty else { return }
        write(lines.joined(separator: "\n") + "\n")
    }

    /// Writes text to standard output as it is.
    package func write(_ text: String) {
        Terminal.write(text, to: STDOUT_FILENO)
    }

    /// Writes a remark for people to standard error, so that it never stands between data.
    package func remark(_ text: String) {
        Terminal.write(text + "\n", to: STDERR_FILENO)
    }

    /// Writes bytes as they are, to standard error or standard output.
    package func bytes(_ bytes: ArraySlice<UInt8>, isError: Bool) {
        Terminal.write(bytes, to: isError ? STDERR_FILENO : STDOUT_FILENO)
    }

    private static func write(_ text: String, to stream: Int32) {
        write(Array(text.utf8)[...], to: stream)
    }

    private static func write(_ bytes: ArraySlice<UInt8>, to stream: Int32) {
        var bytes = bytes
        while !bytes.isEmpty {
            let written = bytes.withUnsafeBytes { Foundation.write(stream, $0.baseAddress, $0.count) }
            if written >= 0 {
                bytes = bytes.dropFirst(written)
            } else if errno != EINTR {
                // The reader has gone (`nightshift history … | head`): end as the signal that the network library ignores would end it.
                exit(errno == EPIPE ? 128 + SIGPIPE : 1)
            }
        }
    }
}

/// The output of a step as the API shows it: cut to so many characters.
struct InvocationOutput: Sendable, Equatable {
    /// `StandardOutputContent` of GetCommandInvocation.
    static let stdoutLimit = 24_000
    /// `StandardErrorContent` of GetCommandInvocation.
    static let stderrLimit = 8_000
    /// `Output` of a plugin of ListCommandInvocations (CommandPlugin: "2500 characters").
    static let combinedLimit = 2_500

    let stdout: String
    let stderr: String

    private static let errorTitle = "\n----------ERROR-------\n"
    private static let outputCut = "\n---Output truncated---"
    private static let errorCut = "\n---Error truncated----"

    /// Output of which the bytes are known from the beginning on. What is no UTF-8, a character cut at the end too, becomes U+FFFD.
    init(stdout: [UInt8], stderr: [UInt8]) {
        self.stdout = String(decoding: stdout, as: UTF8.self)
        self.stderr = String(decoding: stderr, as: UTF8.self)
    }

    /// The first characters of stdout.
    var stdoutContent: String { InvocationOutput.prefix(stdout, InvocationOutput.stdoutLimit) }

    /// The first characters of stderr.
    var stderrContent: String { InvocationOutput.prefix(stderr, InvocationOutput.stderrLimit) }

    /// Both in one, the way Systems Manager's agent joins and cuts them.
    var combined: String {
        let output = stdout.unicodeScalars.count
        let error = stderr.unicodeScalars.count
        let title = error > 0 ? InvocationOutput.errorTitle : ""
        let room = InvocationOutput.combinedLimit - title.unicodeScalars.count
        if output + error <= room { return stdout + title + stderr }
        let cut = InvocationOutput.outputCut.unicodeScalars.count
        if error == 0 { return InvocationOutput.prefix(stdout, room - cut) + InvocationOutput.outputCut }
        let half = room / 2
        if output <= half {
            return stdout + title + InvocationOutput.prefix(stderr, room - output - cut) + InvocationOutput.errorCut
        }
        if error <= half {
            return InvocationOutput.prefix(stdout, room - error - cut) + InvocationOutput.outputCut + title + stderr
        }
        return InvocationOutput.prefix(stdout, half - cut) + InvocationOutput.outputCut + title
            + InvocationOutput.prefix(stderr, half - cut) + InvocationOutput.errorCut
    }

    private static func prefix(_ text: String, _ count: Int) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.prefix(max(0, count))))
    }
}

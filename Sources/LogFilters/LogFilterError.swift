/// Why a filter pattern was refused; the services answer it as `InvalidParameterException`.
package struct LogFilterError: Error, Hashable, Sendable {
    /// CloudWatch Logs' own text. It quotes no more of the pattern than the offending term.
    package let message: String

    /// What CloudWatch Logs says of a pattern whose grammar is broken.
    static let invalidPattern = LogFilterError(message: "Invalid filter pattern")

    /// What CloudWatch Logs says of a term that would need quotes.
    static func invalidTerm(_ term: some Sequence<UInt8>) -> LogFilterError {
        LogFilterError(message: "Invalid character(s) in term '\(String(decoding: Array(term), as: UTF8.self))'")
    }
}

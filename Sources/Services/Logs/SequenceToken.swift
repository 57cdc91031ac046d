import TimeSource

/// The sequence tokens of streams. AWS hands them out and ignores them since January 2023; so do we.
enum SequenceToken {
    private static let length = 56

    /// A token in AWS's form, 56 digits, for a stream as it was at that time.
    static func text(at time: Timestamp) -> String {
        let digits = String(max(0, time.milliseconds))
        return "49" + String(repeating: "0", count: max(0, length - 2 - digits.utf8.count)) + digits
    }
}

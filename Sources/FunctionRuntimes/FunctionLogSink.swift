package import TimeSource

/// Takes the output of functions.
///
/// It is called for one stream at a time and in order, on the thread that watches all processes or on that of a finishing invocation: append
/// and return. While it blocks no output is read, so a function that writes more than the sink takes comes to a halt at its pipe; nothing is dropped.
package typealias FunctionLogSink = @Sendable (FunctionLogBatch) -> Void

/// Lines of one log stream, in order.
package struct FunctionLogBatch: Sendable {
    /// The account that owns the function.
    package var account: String
    /// `/aws/lambda/NAME`, or what the function is configured to.
    package var logGroup: String
    /// `2026/11/20/[$LATEST]` and 32 hexadecimal digits; one stream for each process.
    package var logStream: String
    /// The lines; never empty.
    package var records: [FunctionLogRecord]
}

/// One log event.
package struct FunctionLogRecord: Sendable, Equatable {
    /// When the line was read from the process.
    package var timestamp: Timestamp
    /// The text with its line feed at the end, as Lambda writes it; ill-formed UTF-8 is replaced.
    package var message: String
}

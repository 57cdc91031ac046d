import JSONCore

/// Stub until the parser lands in the next commit.
struct IntrinsicParser {
    private let bytes: [UInt8]
    init(_ bytes: [UInt8]) { self.bytes = bytes }
    mutating func wholeCall() throws(PathParseError) -> IntrinsicExpression {
        throw PathParseError("not yet available", offset: 0)
    }
}

import JSONCore

/// Stub until the parser lands in the next commit.
struct PathParser {
    private let bytes: [UInt8]
    init(_ bytes: [UInt8]) { self.bytes = bytes }
    mutating func wholePath() throws(PathParseError) -> Path {
        throw PathParseError("not yet available", offset: 0)
    }
}

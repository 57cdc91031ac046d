import AWSProtocols

/// The header `Range` (RFC 9110, section 14.2) as S3 takes it: one range; what cannot be read is as if it were not there.
enum ByteRange {
    /// The bytes that are asked for; nil for all of them.
    /// - Throws: `InvalidRange` when there are no such bytes.
    static func bytes(_ header: String, of size: Int64) throws(APIError) -> Range<Int64>? {
        guard header.hasPrefix("bytes=") else { return nil }
        let parts = header.dropFirst(6).split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2 else { return nil }
        if parts[0].isEmpty {
            guard let count = number(parts[1]) else { return nil }
            guard count > 0, size > 0 else { throw S3Error.invalidRange(header, size: size) }
            return max(0, size - count)..<size
        }
        guard let first = number(parts[0]) else { return nil }
        var end = size
        if !parts[1].isEmpty {
            guard let last = number(parts[1]), last >= first else { return nil }
            end = min(size, last == .max ? .max : last + 1)
        }
        guard first < size else { throw S3Error.invalidRange(header, size: size) }
        return first..<end
    }

    /// The range of `x-amz-copy-source-range`: `bytes=first-last`, both given and there.
    static func copied(_ header: String, of size: Int64) throws(APIError) -> Range<Int64> {
        let parts = header.dropFirst(6).split(separator: "-", omittingEmptySubsequences: false).map(String.init)
        guard header.hasPrefix("bytes="), parts.count == 2, let first = number(parts[0]), let last = number(parts[1]), first <= last,
            last < .max
        else {
            throw S3Error.invalidArgument(
                "x-amz-copy-source-range", header,
                "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy"
            )
        }
        guard first < size else {
            throw S3Error.invalidRequest("The specified copy range is invalid for the source object size")
        }
        guard last < size else {
            throw S3Error.invalidArgument(
                "x-amz-copy-source-range", header, "Range specified is not valid for source object of size: \(size)")
        }
        return first..<(last + 1)
    }

    /// Digits; those of more than 64 bits are as much as there is.
    private static func number(_ text: String) -> Int64? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int64(text) ?? .max
    }
}

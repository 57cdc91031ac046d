/// The second line of a canonical request.
enum CanonicalPath {
    /// Appends the canonical form of a path as it stands on the request line.
    static func append(_ path: [UInt8], style: CanonicalRequest.PathStyle, to out: inout [UInt8]) {
        guard path.count > 1 else {
            out.append(UInt8(ascii: "/"))
            return
        }
        switch style {
        case .objectKey:
            // Clients differ in what they encode of a key, so the server compares what the path stands for.
            PercentEncoding.append(PercentEncoding.decode(path, plusIsSpace: false), keepingSlash: true, to: &out)
        case .verbatim:
            out.append(contentsOf: path)
        case .normalized:
            PercentEncoding.append(normalized(path), keepingSlash: true, to: &out)
        }
    }

    /// Removes empty segments, `.` and `..` (RFC 3986, section 5.2.4); a slash at the end stays.
    private static func normalized(_ path: [UInt8]) -> [UInt8] {
        var kept: [ArraySlice<UInt8>] = []
        var endsInSlash = false
        for segment in path.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            endsInSlash = true
            if segment.isEmpty || segment.elementsEqual([0x2E]) { continue }
            if segment.elementsEqual([0x2E, 0x2E]) {
                _ = kept.popLast()
                continue
            }
            kept.append(segment)
            endsInSlash = false
        }
        var out: [UInt8] = []
        out.reserveCapacity(path.count)
        for segment in kept {
            out.append(UInt8(ascii: "/"))
            out.append(contentsOf: segment)
        }
        if endsInSlash || out.isEmpty { out.append(UInt8(ascii: "/")) }
        return out
    }
}

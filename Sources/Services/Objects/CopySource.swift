import AWSProtocols
import ObjectStorage
import Store

/// The object that is copied: the header `x-amz-copy-source`, `bucket/key` with escapes, with or without a slash before it.
struct CopySource: Sendable {
    /// The bucket.
    let bucket: String
    /// The key.
    let key: ObjectKey

    /// Reads the header.
    init(_ input: APIStructure) throws(APIError) {
        let header = try input.requiredString("CopySource")
        var text = header.hasPrefix("/") ? String(header.dropFirst()) : header
        if let mark = text.firstRange(of: "?versionId=") {
            let version = String(text[mark.upperBound...])
            text = String(text[..<mark.lowerBound])
            guard version == "null" || version.isEmpty else { throw S3Error.invalidVersion(version) }
        }
        guard let decoded = CopySource.decoded(text), let slash = decoded.firstIndex(of: "/"), slash != decoded.startIndex,
            decoded.index(after: slash) != decoded.endIndex, !decoded.hasPrefix("arn:")
        else {
            throw S3Error.invalidArgument(
                "x-amz-copy-source", header, "Copy Source must mention the source bucket and key: sourcebucket/sourcekey")
        }
        bucket = String(decoded[..<slash])
        key = ObjectKey(String(decoded[decoded.index(after: slash)...]))
    }

    /// The text without its percent escapes; a plus is a plus. Nil when the bytes are no UTF-8.
    private static func decoded(_ text: String) -> String? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), rest.count >= 2, let value = HexText.bytes(String(decoding: rest.prefix(2), as: UTF8.self)) {
                bytes += value
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }
}

import JSONCore

/// The intrinsic functions on texts; each answers nil when an argument is not what it takes.
///
/// Source: Developer Guide, "Intrinsics for data encoding and decoding", "… for hash calculation", "… for string operation".
enum TextFunctions {
    /// How many characters Base64 and hash functions take.
    static let characterLimit = 10_000

    /// The text's UTF-8 in Base64.
    static func base64Encoded(_ value: JSONValue) -> JSONValue? {
        guard let text = value.string, text.utf16.count <= characterLimit else { return nil }
        return .string(JSONString(unchecked: Base64Text.encoded(text.bytes)))
    }

    /// The text behind Base64; bytes that are no UTF-8 become U+FFFD.
    static func base64Decoded(_ value: JSONValue) -> JSONValue? {
        guard let text = value.string, text.utf16.count <= characterLimit else { return nil }
        return .text(String(decoding: Base64Text.decoded(text.bytes), as: UTF8.self))
    }

    /// The hash of the value's text in hexadecimal digits; the algorithm's name must be spelled exactly.
    static func hash(of value: JSONValue, algorithm: JSONValue) -> JSONValue? {
        let text = JavaText.text(of: value)
        guard text.utf16.count <= characterLimit,
            let digest = algorithm.text.flatMap(MessageDigest.init(rawValue:))
        else { return nil }
        return .string(JSONString(unchecked: digest.hexadecimal(text.bytes)))
    }

    /// The parts of the text between any of the delimiter's characters; AWS drops empty parts.
    static func split(_ value: JSONValue, at delimiter: JSONValue) -> JSONValue? {
        guard let text = value.string, let delimiter = delimiter.string else { return nil }
        let separators = Set(String(decoding: delimiter.bytes, as: UTF8.self).unicodeScalars)
        let scalars = String(decoding: text.bytes, as: UTF8.self).unicodeScalars
        return .array(scalars.split { separators.contains($0) }.map { .text(String($0)) })
    }
}

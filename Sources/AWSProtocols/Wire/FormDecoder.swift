/// Reads `a=1&b=2`, as in query strings and `application/x-www-form-urlencoded` bodies.
package enum FormDecoder {
    /// The names and values in order; nil when an escape is cut or a text is not UTF-8.
    package static func pairs(_ bytes: [UInt8]) -> [(String, String)]? {
        var pairs: [(String, String)] = []
        for field in bytes.split(separator: UInt8(ascii: "&")) {
            let equals = field.firstIndex(of: UInt8(ascii: "="))
            guard let name = PercentEncoding.decode(field[..<(equals ?? field.endIndex)], plusIsSpace: true),
                let value = equals.map({ PercentEncoding.decode(field[($0 + 1)...], plusIsSpace: true) }) ?? ""
            else { return nil }
            pairs.append((name, value))
        }
        return pairs
    }

    /// The names and values of a query string in order; nil when an escape is cut or a text is not UTF-8.
    package static func pairs(_ text: String) -> [(String, String)]? {
        pairs(Array(text.utf8))
    }
}

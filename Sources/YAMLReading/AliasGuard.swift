/// Refuses texts whose aliases could expand without bounds, before a parser composes them.
///
/// The parser copies what an alias stands for, and compares copies when they are keys; nested aliases make that exponential. With n
/// aliases a text grows by a factor of 3^(n/3) at most, which the limit keeps small. What is counted is everything that could be an
/// alias, also inside of texts, but only when something looks like an anchor: without one no alias is valid.
enum AliasGuard {
    /// How many aliases a text may have.
    static let limit = 16

    /// - Throws: `YAMLParseError` for a text with an anchor and more than `limit` aliases.
    static func check(_ text: String) throws(YAMLParseError) {
        var aliases = 0
        var hasAnchor = false
        var before = UInt8(ascii: "\n")
        var previous = UInt8(ascii: "\n")
        for byte in text.utf8 {
            // `before` is what stands left of the mark, `previous` is the mark, `byte` would be the name's first letter.
            if startsToken(before), isName(byte) {
                if previous == UInt8(ascii: "&") { hasAnchor = true }
                if previous == UInt8(ascii: "*") { aliases += 1 }
            }
            before = previous
            previous = byte
        }
        guard !hasAnchor || aliases <= limit else {
            throw YAMLParseError("more than \(limit) aliases, or texts that look like aliases, beside an anchor")
        }
    }

    private static func startsToken(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "["), UInt8(ascii: "{"),
            UInt8(ascii: ","), UInt8(ascii: ":"):
            true
        // The end of a line break or byte order mark of Unicode.
        default: byte >= 0x80
        }
    }

    private static func isName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), 0x30...0x39, UInt8(ascii: "_"),
            UInt8(ascii: "-"):
            true
        default: byte >= 0x80
        }
    }
}

import TimeSource

/// What confirms a subscription: its id, then 256 random bits, in hexadecimal digits. Whoever has it was reached at the endpoint.
enum SubscriptionToken {
    private static let randomDigits = 64

    /// A new token.
    static func make(subscriptionID: String, _ identifiers: IdentifierSource) -> String {
        subscriptionID.filter { $0 != "-" } + identifiers.hexadecimal(digits: randomDigits)
    }

    /// Whether a text could be a token, of this server or another.
    static func isPlausible(_ text: String) -> Bool {
        text.utf8.count >= 32 + randomDigits && text.utf8.allSatisfy(isHexDigit)
    }

    /// The subscription that a token is for; nil when the text is none.
    static func subscriptionID(in token: String) -> String? {
        let digits = Array(token.utf8)
        guard digits.count == 32 + randomDigits, digits.allSatisfy(isHexDigit) else { return nil }
        var id = digits[..<32].map { $0 }
        for place in [8, 13, 18, 23] { id.insert(UInt8(ascii: "-"), at: place) }
        return String(decoding: id, as: UTF8.self)
    }

    /// Compares in a time that does not tell where they differ.
    static func areEqual(_ left: String, _ right: String) -> Bool {
        guard left.utf8.count == right.utf8.count else { return false }
        var difference: UInt8 = 0
        for (a, b) in zip(left.utf8, right.utf8) { difference |= a ^ b }
        return difference == 0
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }
}

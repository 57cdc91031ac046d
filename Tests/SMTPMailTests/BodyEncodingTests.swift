import Testing
import FoundationEssentials

@testable import SMTPMail

@Suite struct BodyEncodingTests {
    @Test(arguments: [
        ("", BodyEncoding.sevenBit, BodyEncoding.sevenBit),
        ("plain\nascii\twith tab\r\n", .sevenBit, .sevenBit),
        (String(repeating: "x", count: 998), .sevenBit, .sevenBit),
        (String(repeating: "x", count: 999), .quotedPrintable, .quotedPrintable),
        ("Mostly plain text with one umlaut: ü", .quotedPrintable, .eightBit),
        ("夜間バッチ", .base64, .eightBit),
        ("夜間" + String(repeating: "x", count: 999), .quotedPrintable, .quotedPrintable),
        ("colour \u{1B}[31mred", .quotedPrintable, .quotedPrintable),
        ("nul \u{0}", .quotedPrintable, .quotedPrintable),
        ("lone\rreturn", .quotedPrintable, .quotedPrintable),
        ("ends in return\r", .quotedPrintable, .quotedPrintable),
    ])
    func thePlainestExactEncodingIsChosen(text: String, for7Bit: BodyEncoding, for8Bit: BodyEncoding) {
        #expect(BodyEncoding.choose(for: text, allows8Bit: false) == for7Bit)
        #expect(BodyEncoding.choose(for: text, allows8Bit: true) == for8Bit)
    }

    @Test func quotedPrintableProtectsBlanksAtTheEndOfALine() {
        #expect(Self.quotedPrintable("a \r\nb\t") == "a=20\r\nb=09=\r\n")
        #expect(Self.quotedPrintable("1=2") == "1=3D2=\r\n")
    }

    /// Any text comes back, whatever mixture of characters and line ends it has; and every line is fit for mail.
    @Test(arguments: 0..<200)
    func everyTextSurvivesEveryEncoding(seed: UInt64) {
        var random = SplitMix(state: seed)
        let alphabet: [String] = ["a", "=", " ", "\t", ".", "\n", "\r\n", "\r", "é", "夜", "🌙", "\u{0}", String(repeating: "w", count: 80)]
        let text = (0..<Int(random.next() % 120)).map { _ in alphabet[Int(random.next() % UInt64(alphabet.count))] }.joined()
        for encoding in [BodyEncoding.quotedPrintable, .base64] {
            let octets = encoding.encode(text)
            let lines = String(decoding: octets, as: UTF8.self).split(separator: "\r\n", omittingEmptySubsequences: false)
            #expect(lines.allSatisfy { $0.utf8.count <= 76 })
            #expect(octets.isEmpty || octets.suffix(2) == [13, 10])
            #expect(Self.decode(octets, encoding) == Self.canonical(text), "seed \(seed)")
        }
        for allows8Bit in [false, true] {
            let octets = BodyEncoding.choose(for: text, allows8Bit: allows8Bit).encode(text)
            #expect(Self.hasOnlyWholeLineBreaks(octets), "seed \(seed)")
        }
    }

    @Test func dotsThatBeginALineAreDoubled() {
        let content = Array(".\r\n..a\r\nb.\r\n".utf8)
        #expect(String(decoding: SMTPContent.terminated(content), as: UTF8.self) == "..\r\n...a\r\nb.\r\n.\r\n")
    }

    private static func quotedPrintable(_ text: String) -> String {
        String(decoding: QuotedPrintable.encode(Array(text.utf8)), as: UTF8.self)
    }

    private static func canonical(_ text: String) -> [UInt8] {
        var result: [UInt8] = []
        for octet in text.utf8 {
            if octet == 10, result.last != 13 { result.append(13) }
            result.append(octet)
        }
        return result
    }

    private static func hasOnlyWholeLineBreaks(_ octets: [UInt8]) -> Bool {
        let text = String(decoding: octets, as: UTF8.self)
        let rest = text.unicodeScalars.split(separator: "\r\n".unicodeScalars).joined()
        return !rest.contains("\r") && !rest.contains("\n")
    }

    private static func decode(_ octets: [UInt8], _ encoding: BodyEncoding) -> [UInt8]? {
        if encoding == .base64 {
            return Data(base64Encoded: Data(octets), options: .ignoreUnknownCharacters).map { Array($0) }
        }
        var result: [UInt8] = []
        var index = 0
        while index < octets.count {
            guard octets[index] == UInt8(ascii: "=") else {
                result.append(octets[index])
                index += 1
                continue
            }
            let pair = String(decoding: octets[(index + 1)..<min(index + 3, octets.count)], as: UTF8.self)
            if pair != "\r\n" {
                guard let value = UInt8(pair, radix: 16) else { return nil }
                result.append(value)
            }
            index += 3
        }
        return result
    }
}

/// A small seeded generator (SplitMix64), so that a failing seed fails again.
private struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}

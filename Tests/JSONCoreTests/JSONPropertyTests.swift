import JSONCore
import Testing

/// A generator of words that are the same in every run (SplitMix64).
struct SeededWords: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}

@Suite struct JSONPropertyTests {
    private static func text(using words: inout SeededWords) -> JSONString {
        let alphabet: [UInt16] = [
            0x61, 0x62, 0x7A, 0x20, 0x22, 0x5C, 0x2F, 0x00, 0x0A, 0x1F, 0x7F, 0xE9, 0x301, 0xD7FF, 0xD800, 0xDBFF, 0xDC00, 0xDFFF, 0xE000, 0xFFFF,
        ]
        return JSONString(utf16: (0..<Int.random(in: 0..<40, using: &words)).map { _ in alphabet.randomElement(using: &words) ?? 0 })
    }

    private static func number(using words: inout SeededWords) -> JSONNumber {
        let literals = ["-0", "0.0", "-0.5", "12.50", "0.001", "1e3", "1E-7", "123456789012345678901234567890", "999999999999999.9", "1.10", "-1.5e+300"]
        switch Int.random(in: 0..<4, using: &words) {
        case 0: return JSONNumber(Int64(truncatingIfNeeded: words.next()))
        case 1: return JSONNumber(Int64.random(in: -1000...1000, using: &words))
        case 2: return JSONNumber(Double(bitPattern: words.next())) ?? JSONNumber(7)
        default: return JSONNumber(literal: Array((literals.randomElement(using: &words) ?? "0").utf8)) ?? JSONNumber(7)
        }
    }

    private static func value(depth: Int, using words: inout SeededWords) -> JSONValue {
        switch Int.random(in: 0..<(depth > 0 ? 8 : 5), using: &words) {
        case 0: return .null
        case 1: return .bool(words.next() & 1 == 0)
        case 2: return .number(number(using: &words))
        case 3, 4: return .string(text(using: &words))
        case 5: return .array((0..<Int.random(in: 0..<8, using: &words)).map { _ in value(depth: depth - 1, using: &words) })
        default:
            var object = JSONObject()
            for _ in 0..<Int.random(in: 0..<20, using: &words) { object.set(text(using: &words), value(depth: depth - 1, using: &words)) }
            return .object(object)
        }
    }

    @Test func `what is written is read back as the same value and written the same`() throws {
        var words = SeededWords(seed: 20_260_101)
        for _ in 0..<400 {
            let value = Self.value(depth: 4, using: &words)
            let text = JSONWriter.bytes(of: value)
            let read = try JSONParser.parse(text)
            #expect(read == value)
            #expect(read.hashValue == value.hashValue)
            #expect(JSONWriter.bytes(of: read) == text)
            #expect(try JSONParser.parse(JSONWriter.pretty(value)) == value)
            #expect(try JSONParser.parse(JSONWriter.bytes(of: value, keyOrder: .sorted)) == value)
        }
    }

    @Test func `the locator finds every value and key that was written`() throws {
        var words = SeededWords(seed: 5)
        for _ in 0..<60 {
            let value = Self.value(depth: 3, using: &words)
            let text = Array(JSONWriter.pretty(value).utf8)
            let locator = JSONSourceLocator(text)
            func check(_ value: JSONValue, at pointer: JSONPointer) throws {
                let place = try #require(locator.value(at: pointer))
                #expect(try JSONParser.parse(Array(text[place.offset..<place.end])) == value)
                // A pointer's text cannot show a lone surrogate.
                if !pointer.description.contains("\u{FFFD}") { #expect(JSONPointer(pointer.description) == pointer) }
                for (index, element) in (value.array ?? []).enumerated() { try check(element, at: pointer.appending(index)) }
                for member in value.object?.members ?? [] {
                    let inner = pointer.appending(member.key)
                    let key = try #require(locator.key(at: inner))
                    #expect(try JSONParser.parse(Array(text[key.offset..<key.end])) == .string(member.key))
                    try check(member.value, at: inner)
                }
            }
            try check(value, at: JSONPointer())
        }
    }

    @Test func `random bytes and damaged documents never trap`() {
        var words = SeededWords(seed: 99)
        let pieces = Array("{}[]\",:\\u00d8ntrfse0123456789.+-eE \n\u{e9}\u{1F600}".utf8) + [0xED, 0xA0, 0x80, 0xFF, 0xC0, 0x00]
        let document = Array(#"{"a":[1,2.5e3,"é\ud83d\ude00",{"b":null,"c":true}],"long key beyond fifteen bytes":"x\ny","d":-0}"#.utf8)
        for round in 0..<5_000 {
            var bytes = document
            if round % 2 == 0 {
                bytes = (0..<Int.random(in: 0..<40, using: &words)).map { _ in pieces.randomElement(using: &words) ?? 0 }
            } else {
                for _ in 0..<Int.random(in: 1..<4, using: &words) {
                    bytes[Int.random(in: 0..<bytes.count, using: &words)] = UInt8(truncatingIfNeeded: words.next())
                }
                bytes.removeLast(Int.random(in: 0..<bytes.count, using: &words))
            }
            if let value = try? JSONParser.parse(bytes) {
                #expect((try? JSONParser.parse(JSONWriter.bytes(of: value))) == value)
            }
            _ = try? JSONParser.parse(bytes, duplicateKeys: .reject)
            let locator = JSONSourceLocator(bytes)
            _ = locator.nearest(JSONPointer(["a", "3", "c"]))
            _ = locator.key(at: JSONPointer(["long key beyond fifteen bytes"]))
        }
    }
}

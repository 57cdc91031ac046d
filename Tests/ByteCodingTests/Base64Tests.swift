import ByteCoding
import Testing

@Suite struct Base64Tests {
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
    ])
    func `follows the vectors of RFC 4648`(plain: String, text: String) {
        #expect(Base64.text(Array(plain.utf8)) == text)
        #expect(Base64.decode(text.utf8) == Array(plain.utf8))
        #expect(Base64.decode(text.replacing("=", with: "").utf8) == Array(plain.utf8))
        #expect(Base64.decodeCanonical(Array(text.utf8)) == Array(plain.utf8))
    }

    @Test(arguments: ["Z", "Zg=", "Zh==", "Z===", "Zm9v!", "=", "====", "Zg==Zg==", "Zm9=", "Zm 9v"])
    func `what is not Base64 is refused`(text: String) {
        #expect(Base64.decode(text.utf8) == nil)
        #expect(Base64.decodeCanonical(Array(text.utf8)) == nil)
    }

    @Test(arguments: ["Zg", "Zm8", "-_-_"])
    func `what is not canonical is read only by the lenient reader`(text: String) {
        #expect(Base64.decode(text.utf8) != nil)
        #expect(Base64.decodeCanonical(Array(text.utf8)) == nil)
    }

    @Test func `every byte survives, in both alphabets`() {
        for length in 0..<70 {
            let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ length &* 11) }
            #expect(Base64.decodeCanonical(Base64.encode(bytes)) == bytes)
            #expect(Base64.decode(Base64.urlSafeText(bytes).utf8) == bytes)
            #expect(!Base64.urlSafeText(bytes).contains { "+/=".contains($0) })
        }
    }
}

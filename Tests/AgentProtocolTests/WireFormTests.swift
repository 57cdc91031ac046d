import AgentProtocol
import Testing

/// The small forms that both sides must read alike.
@Suite struct WireFormTests {
    @Test(arguments: ["", "a", "a.0", "a.01", "a.+1", "a/b.1", "..1", "a.b.1", "a.-1", "a.1 ", "ä.1"])
    func attemptNamesThatCouldEscapeTheSpoolAreRefused(_ text: String) {
        #expect(AttemptID(text) == nil)
    }

    @Test func anAttemptHasOneName() throws {
        let attempt = try #require(AttemptID(commandID: "0a-Z", number: 12))
        #expect(attempt.description == "0a-Z.12")
        #expect(AttemptID("0a-Z.12") == attempt)
    }

    @Test func linesAreTheSameHoweverTheyAreChopped() throws {
        let text = Array("one\n\ntwo\nthree".utf8)
        for size in 1...text.count {
            var splitter = LineSplitter()
            var lines: [[UInt8]] = []
            for start in stride(from: 0, to: text.count, by: size) {
                lines += try splitter.take(Array(text[start..<min(start + size, text.count)]))
            }
            #expect(lines == [Array("one".utf8), Array("two".utf8)])
        }
    }

    @Test func anEndlessLineIsAnError() {
        var splitter = LineSplitter(limit: 4)
        #expect(throws: WireError.self) { try splitter.take(Array("12345".utf8)) }
    }

    @Test(arguments: [([1], [1], 1), ([1, 2, 3], [1, 2], 2), ([2], [1], nil), ([], [1], nil)])
    func theHighestCommonVersionIsChosen(_ offered: [Int], _ supported: [Int], _ chosen: Int?) {
        #expect(ProtocolVersion.negotiate(offered: offered, supported: supported) == chosen)
    }

    @Test func everyPartOfARequestIsSigned() {
        let signature = RequestSignature(instance: "mi-1", incarnation: 2, timestampMilliseconds: 3, nonce: "0123456789abcdef")
        let text = String(
            decoding: signature.stringToSign(method: "POST", target: "/agent/v1/report?session=s", bodyDigest: "e3b0"), as: UTF8.self)
        #expect(text == "nightshift-agent-v1\nPOST /agent/v1/report?session=s\nmi-1\n2\n3\n0123456789abcdef\ne3b0")
        let headers = Dictionary(uniqueKeysWithValues: signature.headers.map { ($0.name, $0.value) })
        #expect(RequestSignature { headers[$0] } == signature)
        #expect(RequestSignature { _ in nil } == nil)
    }
}

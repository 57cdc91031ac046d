import Engine
import Store
import Testing

/// Digests that AWS answered, as recorded in public tests.
@Suite struct QueueDigestTests {
    @Test(arguments: [
        ("", "d41d8cd98f00b204e9800998ecf8427e"), ("test", "098f6bcd4621d373cade4e832627b4f6"),
        ("msg", "6e2baaf3b97dbeef01c0043275f9a0e7"), ("é", "66ddcd97cfdeabb2f6fb8a999b4bc76f"),
    ])
    func aBodysDigestIsOfItsBytes(body: String, digest: String) {
        #expect(QueueDigest.body(body) == digest)
    }

    private func text(_ name: String, _ value: String) -> QueueMessageAttribute {
        QueueMessageAttribute(name: name, dataType: "String", value: .string(value))
    }

    @Test func attributesAreOrderedByName() {
        let general = text("General", "Kenobi")
        let hello = text("Hello", "There")
        let help = text("Help.Me", "Me")
        #expect(QueueDigest.attributes([hello, help, general]) == "4c360f3fdafd970e05fae2f149d997f5")
        #expect(QueueDigest.attributes([general, hello]) == "fca026605781cb4126a1e9044df24232")
        #expect(QueueDigest.attributes([hello]) == "a311262e065454b75da111d535b8dacd")
        #expect(QueueDigest.attributes([]) == nil)
    }

    @Test func binaryValuesCountAsTheyAre() {
        let value = Array("traceparent".utf8) + [0x1E] + Array("00-774062d6c37081a5a0b9b5b88e30627c-2d2482211f6489da-01".utf8)
        let attribute = QueueMessageAttribute(name: "attr1", dataType: "Binary", value: .binary(value))
        #expect(QueueDigest.attributes([attribute]) == "8cbe4db156db8a94db8b801b7addb984")
    }

    @Test func theTraceHeaderIsASystemAttribute() {
        #expect(QueueDigest.systemAttributes(traceHeader: nil) == nil)
        #expect(
            QueueDigest.systemAttributes(traceHeader: "Root=1")
                == QueueDigest.attributes([text("AWSTraceHeader", "Root=1")]))
    }
}

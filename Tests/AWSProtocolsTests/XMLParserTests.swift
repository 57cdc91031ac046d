import Testing

@testable import AWSProtocols

@Suite struct XMLParserTests {
    private static func parse(_ text: String) throws -> XMLElement { try XMLParser.parse(Array(text.utf8)) }

    @Test func elementsAttributesAndTextAreRead() throws {
        let root = try Self.parse(
            """
            \u{FEFF}<?xml version="1.0" encoding="UTF-8"?>
            <!-- <a> in a comment -->
            <s3:Delete xmlns:s3="http://s3.amazonaws.com/doc/2006-03-01/" >
              <Object xsi:type='x &quot;y&quot;'><Key>a &amp; b &lt;&#99;&#x20AC;&gt;</Key></Object><Quiet/>
              <Object><Key><![CDATA[<not> &amp; read]]> more</Key></Object>
            </s3:Delete>

            """)
        #expect(root.name == "Delete" && root.attributes.isEmpty)
        #expect(root.children.map(\.name) == ["Object", "Quiet", "Object"])
        #expect(root.children[0].attributes == [XMLElement.Attribute(name: "type", value: "x \"y\"")])
        #expect(root.children(named: "Object").compactMap { $0.child("Key")?.text } == ["a & b <c€>", "<not> &amp; read more"])
    }

    @Test func controlCharactersMayBeReferences() throws {
        #expect(try Self.parse("<k>&#x8;\r\n&#13;</k>").text == "\u{8}\n\r")
    }

    @Test(arguments: [
        "", "   ", "text", "<a>", "<a></b>", "<a/><b/>", "<a", "<a x></a>", "<a x=1></a>", "<a x='1'y='2'></a>", "<a x='<'/>",
        "<a>&no;</a>",
        "<a>&#0;</a>", "<a>&#xD800;</a>", "<a>&amp</a>", "<a>\u{1}</a>", "<1/>", "<a><!-- </a>", "<a><![CDATA[ </a>", "</a>", "<a/>x",
        "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "<!DOCTYPE a><a/>", "<![CDATA[x]]><a/>", "< a/>", "<a></a >x",
    ]) func whatIsNotWellFormedIsRefused(text: String) {
        #expect(throws: XMLParser.Malformed.self) { try Self.parse(text) }
    }

    @Test func textMustBeUTF8() {
        #expect(throws: XMLParser.Malformed.self) { try XMLParser.parse(Array("<a>".utf8) + [0xC3, 0x28] + Array("</a>".utf8)) }
    }

    @Test func depthIsLimited() throws {
        let deep = { (count: Int) in String(repeating: "<a>", count: count) + String(repeating: "</a>", count: count) }
        #expect(try Self.parse(deep(16)).name == "a")
        #expect(throws: XMLParser.Malformed.self) { try Self.parse(deep(17)) }
    }

    /// Whatever bytes come, the parser answers; a changed byte of a document never traps.
    @Test func anyBytesAreAnswered() {
        let document = Array("<?xml version='1.0'?><D a='1'><O><K>x&amp;y</K></O><![CDATA[z]]><!--c--></D>".utf8)
        for index in document.indices {
            for byte in [0x00, 0x0D, 0x22, 0x26, 0x3B, 0x3C, 0x3E, 0x80, 0xFF] as [UInt8] {
                var changed = document
                changed[index] = byte
                _ = try? XMLParser.parse(changed)
            }
            _ = try? XMLParser.parse(Array(document[..<index]))
        }
    }
}

import AWSProtocols
import JSONCore
import Testing

@Suite struct ValueTests {
    @Test func aNameKeepsItsParts() throws {
        let arn = try #require(ARN("arn:aws:states:us-east-1:000000000000:execution:nightly:run-1"))
        #expect(arn.service == "states" && arn.region == "us-east-1" && arn.account == "000000000000")
        #expect(arn.resourceType == "execution" && arn.resourceID == "nightly:run-1")
        #expect(arn.resourceParts == ["execution", "nightly", "run-1"])
        #expect(arn.description == "arn:aws:states:us-east-1:000000000000:execution:nightly:run-1")
        #expect(ARN("arn:aws:events:us-east-1:000000000000:rule/every-night")?.resourceID == "every-night")
        #expect(ARN("arn:aws:iam::aws:policy/x")?.region == "")
        #expect(ARN("arn:aws:sns:us-east-1:000000000000:alerts")?.resourceID == nil)
    }

    @Test(arguments: [
        "", "nightly", "arn:aws:states:us-east-1:000000000000", "arn:aws:states:us-east-1:000000000000:",
        "arn:other:states:us-east-1:000000000000:x", "arn:aws:states:us-east-1:123:x", "arn:aws::us-east-1:000000000000:x",
        "arn:aws:states:us east:000000000000:x", "arn:aws:states:us-east-1:000000000000:a b",
    ])
    func whatIsNoNameIsRefused(text: String) {
        #expect(ARN(text) == nil)
    }

    @Test func aPageTokenIsForOneList() throws {
        let text = PageToken(operation: "ListExecutions", scope: "m", position: ["x", 7]).text
        #expect(text.utf8.allSatisfy { $0 != 0x2B && $0 != 0x2F && $0 != 0x3D })
        #expect(try PageToken.position(in: text, operation: "ListExecutions", scope: "m") == ["x", 7])
        #expect(throws: PageToken.Fault.foreign) {
            try PageToken.position(in: text, operation: "ListExecutions", scope: "n")
        }
        #expect(throws: PageToken.Fault.foreign) { try PageToken.position(in: text, operation: "ListThings", scope: "m") }
        for broken in ["", "x", String(text.dropLast()), "A" + text.dropFirst(), text + "AAAA"] {
            #expect(throws: PageToken.Fault.malformed, "\(broken)") {
                try PageToken.position(in: broken, operation: "ListExecutions", scope: "m")
            }
        }
    }

    @Test func aStructureReadsByName() throws {
        var structure: APIStructure = ["a": "x", "n": 1, "l": ["p", "q"], "o": nil]
        #expect(structure.string("a") == "x" && structure.integer("a") == nil && structure.double("n") == 1)
        #expect(structure.strings("l") == ["p", "q"] && structure.strings("none") == [])
        #expect(!structure.contains("o") && structure.contains("n"))
        #expect(try structure.requiredString("a") == "x")
        #expect(throws: APIError.internalFailure("The member 'b' is missing.")) { try structure.requiredString("b") }
        structure["a"] = nil
        structure["n"] = 2
        structure["z"] = 3
        #expect(structure.members.map(\.name) == ["n", "l", "o", "z"])
    }
}

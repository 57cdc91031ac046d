import AWSProtocols
import Testing

@Suite struct ConstraintTests {
    @Test(arguments: [
        (#"{}"#, "1 validation error detected: Value null at 'name' failed to satisfy constraint: Member must not be null"),
        (#"{"name":null}"#, "1 validation error detected: Value null at 'name' failed to satisfy constraint: Member must not be null"),
        (
            #"{"name":"abcdefghi"}"#,
            "1 validation error detected: Value 'abcdefghi' at 'name' failed to satisfy constraint: Member must have length less than or equal to 8"
        ),
        (
            #"{"name":"A"}"#,
            "1 validation error detected: Value 'A' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-z]+"
        ),
        (
            #"{"name":""}"#,
            "2 validation errors detected: Value '' at 'name' failed to satisfy constraint: Member must have length greater than or equal to 1; Value '' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-z]+"
        ),
        (
            #"{"name":"a","Mode":"FAST"}"#,
            "1 validation error detected: Value 'FAST' at 'mode' failed to satisfy constraint: Member must satisfy enum value set: [STANDARD, EXPRESS]"
        ),
        (
            #"{"name":"a","MaxResults":101}"#,
            "1 validation error detected: Value '101' at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to 100"
        ),
        (
            #"{"name":"a","MaxResults":-1}"#,
            "1 validation error detected: Value '-1' at 'maxResults' failed to satisfy constraint: Member must have value greater than or equal to 0"
        ),
        (
            #"{"name":"a","Tags":[{"Key":"b"},{"Value":"c"}]}"#,
            "1 validation error detected: Value null at 'tags.2.member.key' failed to satisfy constraint: Member must not be null"
        ),
        (
            #"{"name":"a","Tags":[{"Key":"b"},{"Key":"c"},{"Key":"d"}]}"#,
            "1 validation error detected: Value '[{Key=b}, {Key=c}, {Key=d}]' at 'tags' failed to satisfy constraint: Member must have length less than or equal to 2"
        ),
        (
            #"{"name":"a","Keys":["ok","NO"]}"#,
            "1 validation error detected: Value '[ok, NO]' at 'keys' failed to satisfy constraint: Member must satisfy constraint: [Member must have length less than or equal to 8, Member must have length greater than or equal to 1, Member must satisfy regular expression pattern: [a-z]+]"
        ),
        (
            #"{"name":"a","Attributes":{"K":"v"}}"#,
            "1 validation error detected: Value '{K=v}' at 'attributes' failed to satisfy constraint: Map keys must satisfy constraint: [Member must have length less than or equal to 8, Member must have length greater than or equal to 1, Member must satisfy regular expression pattern: [a-z]+]"
        ),
        (
            #"{"name":"a","Secret":"short"}"#,
            "1 validation error detected: Value at 'secret' failed to satisfy constraint: Member must have length greater than or equal to 6"
        ),
    ])
    func aViolatedConstraintIsWordedAsAWSDoes(body: String, message: String) {
        #expect(WireFixtures.refusal(body) == APIError("ValidationException", message, httpStatus: 400))
    }

    @Test func severalViolationsAreOneError() {
        let error = WireFixtures.refusal(#"{"Mode":"FAST","MaxResults":101}"#)
        #expect(error?.message.hasPrefix("3 validation errors detected: Value null at 'name'") == true)
    }

    @Test func aHandlerMayCheckAMemberItself() throws {
        #expect(try WireFixtures.decode(#"{"name":"NOT LIKE THIS"}"#, skipping: ["name"]).string("name") == "NOT LIKE THIS")
        #expect(WireFixtures.refusal("{}", skipping: ["name"])?.message.contains("must not be null") == true)
    }

    @Test func lengthCountsCodePoints() throws {
        let text = String(repeating: "é", count: 8)
        #expect(WireFixtures.refusal(#"{"name":"\#(text)"}"#)?.message.contains("length") == false)
    }
}

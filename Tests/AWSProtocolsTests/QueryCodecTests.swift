import AWSProtocols
import Testing

@Suite struct QueryCodecTests {
    @Test func aFormBecomesATree() throws {
        let input = try WireFixtures.decode(
            "Action=MakeThing&name=a&MaxResults=7&Tags.member.2.Key=c&Tags.member.1.Key=b&Tags.member.1.Value=x+%26y"
                + "&Attributes.entry.1.key=k&Attributes.entry.1.value=&On=true&At=2016-11-22T23:56:55Z&Data=AQID", .query)
        #expect(
            input == [
                "name": "a", "MaxResults": 7, "Tags": [["Key": "b", "Value": "x &y"], ["Key": "c"]],
                "Attributes": ["k": ""], "Data": .blob([1, 2, 3]), "At": .timestamp(1_479_859_015_000), "On": true,
            ])
    }

    @Test(arguments: [
        ("name=a&MaxResults=x", "MalformedInput", "x is not a valid value"),
        ("name=%zz", "MalformedQueryString", "The request is not a well-formed form."),
    ])
    func aMalformedFormIsRefused(body: String, code: String, message: String) {
        #expect(WireFixtures.refusal(body, .query) == APIError(code, message, httpStatus: 400))
    }

    @Test func anOutputIsXML() {
        let response = WireFixtures.codec(.query).encode(
            [
                "arn": "a<&>b", "startDate": .timestamp(1_479_859_015_000), "items": [["Key": "k"], ["Key": "l"]],
                "attributes": ["b": "1"], "flat": ["x", "y"],
            ], of: WireFixtures.operation, requestID: "r-1")
        #expect(response.header("Content-Type") == "text/xml")
        #expect(
            String(decoding: response.body, as: UTF8.self)
                == "<MakeThingResponse xmlns=\"http://things/\"><MakeThingResult><arn>a&lt;&amp;&gt;b</arn>"
                + "<startDate>2016-11-22T23:56:55.000Z</startDate>"
                + "<items><member><Key>k</Key></member><member><Key>l</Key></member></items>"
                + "<attributes><entry><key>b</key><value>1</value></entry></attributes><flat>x</flat><flat>y</flat>"
                + "</MakeThingResult><ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata></MakeThingResponse>")
    }

    @Test func anErrorIsXML() {
        let response = WireFixtures.codec(.query).encode(APIError("ThingNotFoundException", "none"), requestID: "r-1")
        #expect(response.status == 404)
        #expect(
            String(decoding: response.body, as: UTF8.self)
                == "<ErrorResponse xmlns=\"http://things/\"><Error><Type>Sender</Type><Code>NotFound</Code>"
                + "<Message>none</Message></Error><RequestId>r-1</RequestId></ErrorResponse>")
    }
}

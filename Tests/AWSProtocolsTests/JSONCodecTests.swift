import AWSProtocols
import Testing

@Suite struct JSONCodecTests {
    @Test func everyKindOfValueIsRead() throws {
        let input = try WireFixtures.decode(
            #"""
            {"name":"a","MaxResults":7,"Tags":[{"Key":"k","Value":"v","Unknown":1}],"Keys":["x"],"Attributes":{"b":"1","a":"2"},
             "Data":"AQID","At":1479859015.231,"On":true,"Size":9007199254740993,"Rate":1.5,"Unknown":[]}
            """#)
        #expect(
            input == [
                "name": "a", "MaxResults": 7, "Tags": [["Key": "k", "Value": "v"]], "Keys": ["x"],
                "Attributes": ["b": "1", "a": "2"], "Data": .blob([1, 2, 3]), "At": .timestamp(1_479_859_015_231),
                "On": true, "Size": 9_007_199_254_740_993, "Rate": .double(1.5),
            ])
        #expect(input.stringMap("Attributes").map(\.0) == ["b", "a"])
        #expect(input.strings("Keys") == ["x"])
    }

    @Test(arguments: [
        (#"{"name":1}"#, "NUMBER_VALUE can not be converted to a String"),
        (#"{"name":true}"#, "TRUE_VALUE can not be converted to a String"),
        (#"{"name":[]}"#, "Start of list found where not expected"),
        (#"{"name":{}}"#, "Start of structure or map found where not expected."),
        (#"{"name":"a","MaxResults":"7"}"#, "STRING_VALUE can not be converted to an Integer"),
        (#"{"name":"a","MaxResults":1.5}"#, "NUMBER_VALUE can not be converted to an Integer"),
        (#"{"name":"a","MaxResults":3000000000}"#, "NUMBER_VALUE can not be converted to an Integer"),
        (#"{"name":"a","Keys":"x"}"#, "Expected list or null"),
        (#"{"name":"a","Attributes":"x"}"#, "Expected map or null"),
        (#"{"name":"a","On":"true"}"#, "STRING_VALUE can not be converted to Boolean"),
        (#"{"name":"a","Data":"?"}"#, "Invalid Base64 text where a blob is expected"),
        (#"{"name":"a","At":1e18}"#, "NUMBER_VALUE can not be converted to a Date"),
        (#"{"name":"a","At":"yesterday"}"#, "STRING_VALUE can not be converted to a Date"),
        (#"[]"#, "Start of list found where not expected"),
        (#"{"name":"#, "Could not parse request body into json: unexpected end of the text at byte 8"),
    ])
    func aBodyOfTheWrongShapeIsRefused(body: String, message: String) {
        #expect(WireFixtures.refusal(body) == APIError("SerializationException", message, httpStatus: 400))
    }

    @Test func anEmptyBodyIsAnObjectWithoutMembers() {
        #expect(WireFixtures.refusal("")?.code == "ValidationException")
    }

    @Test func anOutputIsWrittenByTheModel() {
        let response = WireFixtures.codec(.json10).encode(
            [
                "arn": "a\"b", "startDate": .timestamp(1_479_859_015_230), "items": [["Key": "k"]], "attributes": ["b": "1"],
                "data": .blob([255]), "notInTheModel": 1, "flat": .null,
            ], of: WireFixtures.operation, requestID: "r-1")
        #expect(response.status == 200)
        #expect(response.header("Content-Type") == "application/x-amz-json-1.0")
        #expect(response.header("x-amzn-requestid") == "r-1")
        #expect(
            String(decoding: response.body, as: UTF8.self)
                == #"{"arn":"a\"b","startDate":1479859015.23,"items":[{"Key":"k"}],"attributes":{"b":"1"},"data":"/w=="}"#)
    }

    @Test func membersThatTheModelDoesNotHaveAreTold() {
        let codec = WireFixtures.codec(.json10)
        #expect(codec.unknownMembers(of: ["arn": "a", "ARN": "b"], operation: WireFixtures.operation) == ["ARN"])
    }

    @Test(arguments: [
        (
            APIError("ThingNotFoundException", "none", fields: ["resourceName": "t"]), 404,
            #"{"__type":"ThingNotFoundException","Message":"none","resourceName":"t"}"#
        ),
        (APIError("NotFound", "none"), 404, #"{"__type":"ThingNotFoundException","Message":"none"}"#),
        (APIError("Broken", "oh"), 500, #"{"__type":"Broken","message":"oh"}"#),
        (APIError("Unheard", "oh"), 400, #"{"__type":"Unheard","message":"oh"}"#),
        (APIError.unknownOperation(), 400, #"{"__type":"UnknownOperationException"}"#),
        (
            APIError.unsupportedOperation(service: "Things", operation: "Fly"), 501,
            #"{"__type":"UnsupportedOperation","message":"The operation Fly of Things is not supported by Nightshift yet."}"#
        ),
    ])
    func errorsHaveTheirTypeMessageAndStatus(error: APIError, status: Int, body: String) {
        let response = WireFixtures.codec(.json11).encode(error, requestID: "r")
        #expect(response.status == status)
        #expect(response.header("Content-Type") == "application/x-amz-json-1.1")
        #expect(String(decoding: response.body, as: UTF8.self) == body)
    }

    @Test func aServiceThatWasQueryTellsTheOldCodeToo() {
        let response = WireFixtures.codec(.json10, queryCompatible: true).encode(
            APIError("ThingNotFoundException", "none"), requestID: "r")
        #expect(response.header("x-amzn-query-error") == "NotFound;Sender")
    }
}

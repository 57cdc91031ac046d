import AWSProtocols
import Testing

@Suite struct RESTCodecTests {
    /// `Invoke`-like: label, query, header, raw payload in; status, header, raw payload out. And one with a JSON body.
    private static let model = ServiceModel(
        name: "functions", fullName: "Functions", apiVersion: "1", wireProtocol: .restJSON, targetPrefix: nil,
        xmlNamespace: nil, isQueryCompatible: false,
        operations: [
            OperationModel(name: "Invoke", path: "/v1/functions/{Name}/invocations", input: 0, output: 1),
            OperationModel(name: "Make", path: "/v1/functions", successStatus: 201, input: 2, output: 2),
            OperationModel(name: "Delete", method: "DELETE", path: "/v1/functions/{Name}", successStatus: 204, input: 2),
            OperationModel(name: "ListAll", method: "GET", path: "/v1/functions/all", input: 2),
            OperationModel(name: "Fetch", method: "GET", path: "/v1/functions/{Name}", input: 2),
        ],
        shapes: [
            Shape(
                name: "InvokeIn",
                kind: .structure(
                    StructureLayout(
                        members: [
                            MemberModel(name: "Name", locationName: "Name", location: .uri, isRequired: true, shape: 3),
                            MemberModel(name: "Qualifier", locationName: "Qualifier", location: .querystring, shape: 3),
                            MemberModel(name: "Keys", locationName: "tagKeys", location: .querystring, shape: 5),
                            MemberModel(name: "Type", locationName: "X-Amz-Type", location: .header, shape: 3),
                            MemberModel(name: "Payload", shape: 4),
                        ], payload: "Payload"))),
            Shape(
                name: "InvokeOut",
                kind: .structure(
                    StructureLayout(
                        members: [
                            MemberModel(name: "StatusCode", location: .statusCode, shape: 6),
                            MemberModel(name: "FunctionError", locationName: "X-Amz-Function-Error", location: .header, shape: 3),
                            MemberModel(name: "Payload", shape: 4),
                        ], payload: "Payload"))),
            Shape(
                name: "MakeInOut",
                kind: .structure(
                    StructureLayout(members: [
                        MemberModel(name: "Name", locationName: "Name", location: .uri, shape: 3),
                        MemberModel(name: "Size", shape: 6), MemberModel(name: "Role", locationName: "role", shape: 3),
                    ]))),
            Shape(name: "Text", kind: .string),
            Shape(name: "Bytes", kind: .blob),
            Shape(name: "Keys", kind: .list(element: MemberModel(name: "member", shape: 3))),
            Shape(name: "Number", kind: .integer),
            Shape(
                name: "ResourceNotFoundException",
                kind: .structure(StructureLayout(members: [MemberModel(name: "Type", shape: 3), MemberModel(name: "Message", shape: 3)])),
                error: ErrorTrait(code: nil, httpStatus: 404, isFault: false, messageName: "Message")),
        ], behaviour: ServiceBehaviour())

    private let codec = WireCodec(model: RESTCodecTests.model, wireProtocol: .restJSON)

    private func call(_ request: WireRequest) throws -> (operation: String, input: APIStructure) {
        let route = try #require(RESTCodecTests.model.routes.match(method: request.method, path: request.path))
        let operation = try #require(RESTCodecTests.model.operations[route.operation])
        return (route.operation, try codec.decode(request, operation, labels: route.labels))
    }

    @Test func everyPlaceOfARequestIsRead() throws {
        let (operation, input) = try call(
            WireRequest(
                method: "POST", path: "/v1/functions/a%3Ab/invocations", query: "Qualifier=%24LATEST&tagKeys=x&tagKeys=y",
                headers: [("x-amz-type", "Event")], body: Array("{".utf8)))
        #expect(operation == "Invoke")
        #expect(
            input == [
                "Name": "a:b", "Qualifier": "$LATEST", "Keys": ["x", "y"], "Type": "Event", "Payload": .blob(Array("{".utf8)),
            ])
    }

    @Test func bodyMembersComeFromJSON() throws {
        let (_, input) = try call(WireRequest(method: "POST", path: "/v1/functions/", body: Array(#"{"Size":3,"role":"r"}"#.utf8)))
        #expect(input == ["Size": 3, "Role": "r"])
    }

    @Test func aLiteralWinsOverALabel() {
        let routes = RESTCodecTests.model.routes
        #expect(routes.match(method: "GET", path: "/v1/functions/all")?.operation == "ListAll")
        #expect(routes.match(method: "GET", path: "/v1/functions/alle")?.operation == "Fetch")
        #expect(routes.match(method: "GET", path: "/v2/functions") == nil)
        #expect(routes.match(method: "PATCH", path: "/v1/functions") == nil && routes.knows(path: "/v1/functions"))
    }

    @Test func anAnswerUsesStatusHeadersAndPayload() throws {
        let operation = try #require(RESTCodecTests.model.operations["Invoke"])
        let response = codec.encode(
            ["StatusCode": 202, "FunctionError": "Unhandled", "Payload": .blob([1, 2])], of: operation, requestID: "r")
        #expect(response.status == 202 && response.body == [1, 2])
        #expect(response.header("X-Amz-Function-Error") == "Unhandled")
    }

    @Test func aJSONAnswerLeavesOutWhatStandsElsewhere() throws {
        let make = try #require(RESTCodecTests.model.operations["Make"])
        let response = codec.encode(["Name": "n", "Size": 3, "Role": "r"], of: make, requestID: "r")
        #expect(response.status == 201 && String(decoding: response.body, as: UTF8.self) == #"{"Size":3,"role":"r"}"#)
        let delete = try #require(RESTCodecTests.model.operations["Delete"])
        let empty = codec.encode([:], of: delete, requestID: "r")
        #expect(empty.status == 204 && empty.body.isEmpty)
    }

    @Test func anErrorNamesItsTypeInAHeader() {
        let response = codec.encode(APIError("ResourceNotFoundException", "Function not found"), requestID: "r")
        #expect(response.status == 404)
        #expect(response.header("x-amzn-errortype") == "ResourceNotFoundException")
        #expect(String(decoding: response.body, as: UTF8.self) == #"{"Message":"Function not found","Type":"User"}"#)
    }
}

import AWSProtocols
import Testing

/// The forms that lists and maps take where the model names or flattens them (Smithy, "AWS Query protocol").
@Suite struct QueryShapeTests {
    private static let shapes: [Shape] = [
        Shape(
            name: "Input",
            kind: .structure(
                StructureLayout(members: [
                    MemberModel(name: "FlatList", isFlattened: true, shape: 1),
                    MemberModel(name: "NamedFlatList", isFlattened: true, shape: 2),
                    MemberModel(name: "NamedMap", shape: 3),
                    MemberModel(name: "FlatMap", locationName: "Attribute", isFlattened: true, shape: 4),
                    MemberModel(name: "Nested", shape: 5),
                    MemberModel(name: "Matrix", shape: 7),
                ]))),
        Shape(name: "List", kind: .list(element: MemberModel(name: "member", shape: 6))),
        Shape(name: "NamedList", kind: .list(element: MemberModel(name: "member", locationName: "Item", shape: 6))),
        Shape(
            name: "NamedMap",
            kind: .map(
                key: MemberModel(name: "key", locationName: "Name", shape: 6),
                value: MemberModel(name: "value", locationName: "Value", shape: 5))),
        Shape(name: "Map", kind: .map(key: MemberModel(name: "key", shape: 6), value: MemberModel(name: "value", shape: 6))),
        Shape(
            name: "Structure",
            kind: .structure(StructureLayout(members: [MemberModel(name: "DataType", shape: 6), MemberModel(name: "List", shape: 1)]))),
        Shape(name: "Text", kind: .string),
        Shape(name: "Matrix", kind: .list(element: MemberModel(name: "member", shape: 1))),
    ]

    private static let codec = WireCodec(
        model: ServiceModel(
            name: "q", fullName: "Q", apiVersion: "1", wireProtocol: .query, targetPrefix: nil, xmlNamespace: nil,
            isQueryCompatible: false, operations: [], shapes: shapes, behaviour: ServiceBehaviour()), wireProtocol: .query)

    private static let operation = OperationModel(name: "Do", input: 0, output: 0, resultWrapper: "DoResult")

    @Test(arguments: [
        ("FlatList.1=a&FlatList.2=b", ["FlatList": ["a", "b"]], "<FlatList>a</FlatList><FlatList>b</FlatList>"),
        ("Item.1=a&Item.10=c&Item.2=b", ["NamedFlatList": ["a", "b", "c"]], "<Item>a</Item><Item>b</Item><Item>c</Item>"),
        (
            "NamedMap.entry.1.Name=k&NamedMap.entry.1.Value.DataType=String", ["NamedMap": ["k": ["DataType": "String"]]],
            "<NamedMap><entry><Name>k</Name><Value><DataType>String</DataType></Value></entry></NamedMap>"
        ),
        (
            "Attribute.1.key=k&Attribute.1.value=v", ["FlatMap": ["k": "v"]],
            "<Attribute><key>k</key><value>v</value></Attribute>"
        ),
        (
            "Nested.DataType=x&Nested.List.member.1=y", ["Nested": ["DataType": "x", "List": ["y"]]],
            "<Nested><DataType>x</DataType><List><member>y</member></List></Nested>"
        ),
        (
            "Matrix.member.1.member.1=x&Matrix.member.2.member.1=y", ["Matrix": [["x"], ["y"]]],
            "<Matrix><member><member>x</member></member><member><member>y</member></member></Matrix>"
        ),
    ] as [(String, APIStructure, String)])
    func formsAndAnswersFollowTheModel(form: String, tree: APIStructure, xml: String) throws {
        let request = WireRequest(method: "POST", path: "/", body: Array(form.utf8))
        #expect(try QueryShapeTests.codec.decode(request, QueryShapeTests.operation) == tree)
        let response = QueryShapeTests.codec.encode(tree, of: QueryShapeTests.operation, requestID: "r")
        #expect(
            String(decoding: response.body, as: UTF8.self)
                == "<DoResponse><DoResult>\(xml)</DoResult><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></DoResponse>")
    }
}

import AWSProtocols

/// A small service that has every kind of shape, in the protocol that a test asks for.
enum WireFixtures {
    /// Shapes by position; the comments count.
    private static let shapes: [Shape] = [
        // 0: input
        Shape(
            name: "Input",
            kind: .structure(
                StructureLayout(members: [
                    MemberModel(name: "name", isRequired: true, shape: 2),
                    MemberModel(name: "Mode", shape: 3),
                    MemberModel(name: "MaxResults", shape: 4),
                    MemberModel(name: "Tags", shape: 5),
                    MemberModel(name: "Keys", shape: 7),
                    MemberModel(name: "Attributes", shape: 8),
                    MemberModel(name: "Data", shape: 9),
                    MemberModel(name: "At", shape: 10),
                    MemberModel(name: "On", shape: 11),
                    MemberModel(name: "Size", shape: 12),
                    MemberModel(name: "Rate", shape: 13),
                    MemberModel(name: "Secret", shape: 14),
                ]))),
        // 1: output
        Shape(
            name: "Output",
            kind: .structure(
                StructureLayout(members: [
                    MemberModel(name: "arn", shape: 15), MemberModel(name: "startDate", shape: 10),
                    MemberModel(name: "items", shape: 5), MemberModel(name: "attributes", shape: 8),
                    MemberModel(name: "data", shape: 9), MemberModel(name: "flat", isFlattened: true, shape: 7),
                ]))),
        // 2 to 4
        Shape(name: "Name", kind: .string, constraints: Constraints(minimum: 1, maximum: 8, pattern: TextPattern("[a-z]+"))),
        Shape(name: "Mode", kind: .string, constraints: Constraints(values: ["STANDARD", "EXPRESS"])),
        Shape(name: "MaxResults", kind: .integer, constraints: Constraints(minimum: 0, maximum: 100)),
        // 5 and 6
        Shape(name: "TagList", kind: .list(element: MemberModel(name: "member", shape: 6)), constraints: Constraints(maximum: 2)),
        Shape(
            name: "Tag",
            kind: .structure(
                StructureLayout(members: [
                    MemberModel(name: "Key", isRequired: true, shape: 2), MemberModel(name: "Value", shape: 15),
                ]))),
        // 7
        Shape(name: "KeyList", kind: .list(element: MemberModel(name: "member", shape: 2))),
        // 8
        Shape(
            name: "AttributeMap",
            kind: .map(key: MemberModel(name: "key", shape: 2), value: MemberModel(name: "value", shape: 15))),
        // 9 to 15
        Shape(name: "Data", kind: .blob, constraints: Constraints(maximum: 4)),
        Shape(name: "Time", kind: .timestamp),
        Shape(name: "Flag", kind: .boolean),
        Shape(name: "Size", kind: .long),
        Shape(name: "Rate", kind: .double),
        Shape(name: "Secret", kind: .string, constraints: Constraints(minimum: 6), isSensitive: true),
        Shape(name: "Text", kind: .string),
        // 16 and 17
        Shape(
            name: "ThingNotFoundException",
            kind: .structure(
                StructureLayout(members: [MemberModel(name: "Message", shape: 15), MemberModel(name: "resourceName", shape: 15)])),
            error: ErrorTrait(code: "NotFound", httpStatus: 404, isFault: false, messageName: "Message")),
        Shape(
            name: "Broken", kind: .structure(StructureLayout(members: [])),
            error: ErrorTrait(code: nil, httpStatus: nil, isFault: true, messageName: "message")),
    ]

    /// The service.
    static func model(_ wireProtocol: WireProtocol, queryCompatible: Bool = false) -> ServiceModel {
        ServiceModel(
            name: "things", fullName: "Things", apiVersion: "2026-01-01", wireProtocol: wireProtocol,
            targetPrefix: "Things", xmlNamespace: "http://things/", isQueryCompatible: queryCompatible,
            operations: [operation], shapes: shapes, behaviour: ServiceBehaviour())
    }

    /// The one operation.
    static let operation = OperationModel(name: "MakeThing", input: 0, output: 1, resultWrapper: "MakeThingResult")

    /// A codec of the service.
    static func codec(_ wireProtocol: WireProtocol, queryCompatible: Bool = false) -> WireCodec {
        WireCodec(model: model(wireProtocol, queryCompatible: queryCompatible), wireProtocol: wireProtocol)
    }

    /// The input that a body decodes to.
    static func decode(_ body: String, _ wireProtocol: WireProtocol = .json10, skipping: Set<String> = []) throws -> APIStructure {
        try codec(wireProtocol).decode(
            WireRequest(method: "POST", path: "/", body: Array(body.utf8)), operation, skippingConstraintsOf: skipping)
    }

    /// The error that a body is refused with.
    static func refusal(_ body: String, _ wireProtocol: WireProtocol = .json10, skipping: Set<String> = []) -> APIError? {
        do {
            _ = try decode(body, wireProtocol, skipping: skipping)
            return nil
        } catch {
            return error as? APIError
        }
    }
}

/// A service's API: operations and shapes, and how the service departs from its own model.
package final class ServiceModel: Sendable {
    /// The service's name in signatures: `states`, `monitoring`.
    package let name: String
    /// The service's name for people: `AWS Step Functions`.
    package let fullName: String
    /// The API's version: `2016-11-23`.
    package let apiVersion: String
    /// The protocol that answers take when the request shows none.
    package let wireProtocol: WireProtocol
    /// What stands before the operation's name in `X-Amz-Target`: `AWSStepFunctions`.
    package let targetPrefix: String?
    /// The namespace of XML answers.
    package let xmlNamespace: String?
    /// JSON services that were Query services carry the old error code in a header.
    package let isQueryCompatible: Bool
    /// The operations by name.
    package let operations: [String: OperationModel]
    /// All shapes; members refer to them by position.
    package let shapes: [Shape]
    /// Where the service departs from its model.
    package let behaviour: ServiceBehaviour
    /// REST: which operation a method and path belong to.
    package let routes: RESTRoutes
    /// REST-XML: which operation a method and the parameters of a query belong to.
    package let objectRoutes: ObjectRoutes
    private let errors: [String: Int]

    /// A model of these parts.
    package init(
        name: String, fullName: String, apiVersion: String, wireProtocol: WireProtocol, targetPrefix: String?,
        xmlNamespace: String?, isQueryCompatible: Bool, operations: [OperationModel], shapes: [Shape],
        behaviour: ServiceBehaviour
    ) {
        self.name = name
        self.fullName = fullName
        self.apiVersion = apiVersion
        self.wireProtocol = wireProtocol
        self.targetPrefix = targetPrefix
        self.xmlNamespace = xmlNamespace
        self.isQueryCompatible = isQueryCompatible
        self.operations = Dictionary(uniqueKeysWithValues: operations.map { ($0.name, $0) })
        self.shapes = shapes
        self.behaviour = behaviour
        routes = RESTRoutes(wireProtocol == .restJSON ? operations : [])
        objectRoutes = ObjectRoutes(wireProtocol == .restXML ? operations : [], shapes: shapes)
        var errors: [String: Int] = [:]
        for (index, shape) in shapes.enumerated() {
            guard let error = shape.error else { continue }
            // A shape's own name wins over another one's code.
            errors[shape.name] = index
            if let code = error.code, errors[code] == nil { errors[code] = index }
        }
        self.errors = errors
    }

    /// The shape of an error, by its name in the model or its code on the wire; nil when the model has none.
    package func error(_ code: String) -> Shape? {
        errors[code].map { shapes[$0] }
    }

    /// The shape of a member.
    package func shape(of member: MemberModel) -> Shape {
        shapes[member.shape]
    }
}

/// One operation of a service.
package struct OperationModel: Sendable {
    /// The name: `StartExecution`.
    package let name: String
    /// The HTTP method.
    package let method: String
    /// REST: the path with its labels, `/2015-03-31/functions/{FunctionName}`.
    package let path: String
    /// The status of a successful answer.
    package let successStatus: Int
    /// The position of the input's shape, nil when there is no input.
    package let input: Int?
    /// The position of the output's shape, nil when there is no output.
    package let output: Int?
    /// Query: the element around the output.
    package let resultWrapper: String?
    /// Whether the shapes are left out of our copy of the model, so that the operation cannot be served.
    package let isShapeless: Bool

    /// An operation of these traits.
    package init(
        name: String, method: String = "POST", path: String = "/", successStatus: Int = 200, input: Int? = nil,
        output: Int? = nil, resultWrapper: String? = nil, isShapeless: Bool = false
    ) {
        self.name = name
        self.method = method
        self.path = path
        self.successStatus = successStatus
        self.input = input
        self.output = output
        self.resultWrapper = resultWrapper
        self.isShapeless = isShapeless
    }
}

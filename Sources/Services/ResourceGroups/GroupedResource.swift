import AWSProtocols

/// A resource that carries tags, as Resource Groups names it.
struct GroupedResource: Sendable, Hashable {
    /// The type of managed nodes.
    static let nodeType = "AWS::SSM::ManagedInstance"

    let arn: String
    /// `AWS::SSM::ManagedInstance`, …
    let type: String

    /// By the beginning of the resource in the ARN, for each service.
    private static let types: [(service: String, prefix: String, type: String)] = [
        ("states", "stateMachine:", "AWS::StepFunctions::StateMachine"), ("states", "activity:", "AWS::StepFunctions::Activity"),
        ("lambda", "function:", "AWS::Lambda::Function"), ("lambda", "event-source-mapping:", "AWS::Lambda::EventSourceMapping"),
        ("events", "rule/", "AWS::Events::Rule"), ("events", "event-bus/", "AWS::Events::EventBus"),
        ("sqs", "", "AWS::SQS::Queue"), ("sns", "", "AWS::SNS::Topic"),
    ]

    /// The resource that `TagStore` knows under this id; nil for what groups do not hold.
    init?(tagged id: String, _ context: RequestContext) {
        func own(_ resource: String) -> String {
            ARN(service: "ssm", region: context.region, account: context.account, resource: resource).description
        }
        if id.hasPrefix("mi-") || id.hasPrefix("i-") {
            (arn, type) = (own("managed-instance/\(id)"), GroupedResource.nodeType)
        } else if id.hasPrefix("parameter:") {
            (arn, type) = (ParameterName.arn(of: String(id.dropFirst("parameter:".count)), context), "AWS::SSM::Parameter")
        } else if id.hasPrefix("document:") {
            (arn, type) = (own("document/\(id.dropFirst("document:".count))"), "AWS::SSM::Document")
        } else if let name = ARN(id),
            let known = GroupedResource.types.first(where: { $0.service == name.service && name.resource.hasPrefix($0.prefix) })
        {
            (arn, type) = (id, known.type)
        } else {
            return nil
        }
    }

    /// The resource for an answer.
    var value: APIValue { ["ResourceArn": .string(arn), "ResourceType": .string(type)] }
}

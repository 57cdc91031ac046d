import AWSProtocols
import Engine
import JSONCore

/// The operation of this server that hands an event to a rule's target, by the kind of target that its ARN names.
struct RuleTargetCall: Equatable {
    /// The service's name in signatures.
    let service: String
    /// The operation as the API spells it.
    let operation: String
    /// Its parameters.
    let parameters: JSONValue

    /// The call of a delivery.
    /// - Parameter arn: the target's.
    init(_ delivery: RuleTargetDelivery, _ arn: ARN, deliveryID: String) throws(RuleTargetFailure) {
        switch (arn.service, arn.resourceType) {
        case ("states", "stateMachine"):
            self.init(
                "states", "StartExecution",
                [
                    "stateMachineArn": .text(delivery.targetARN),
                    // As EventBridge names them; it makes the start idempotent.
                    "name": .text("\(delivery.eventID)_\(deliveryID)"),
                    "input": .text(delivery.input),
                ])
        case ("sns", _):
            self.init("sns", "Publish", ["TopicArn": .text(delivery.targetARN), "Message": .text(delivery.input)])
        case ("ssm", "document"):
            self.init(
                "ssm", "SendCommand",
                [
                    "DocumentName": .text(arn.resourceID ?? ""),
                    "Targets": try RuleTargetCall.nodes(delivery.commandTargets),
                    "Parameters": try RuleTargetCall.documentParameters(delivery.input),
                ])
        default:
            throw RuleTargetFailure(.sdkClientError, "Targets of the service '\(arn.service)' are not supported by Nightshift.")
        }
    }

    private init(_ service: String, _ operation: String, _ parameters: JSONObject) {
        self.service = service
        self.operation = operation
        self.parameters = .object(parameters)
    }

    /// `RunCommandTargets` are what SendCommand calls `Targets`.
    private static func nodes(_ targets: JSONValue?) throws(RuleTargetFailure) -> JSONValue {
        guard let targets else { throw RuleTargetFailure(.invalidParameter, "The target has no RunCommandParameters.") }
        return targets
    }

    /// The input is the document's parameters, each a list; a single value counts as a list of one.
    private static func documentParameters(_ input: String) throws(RuleTargetFailure) -> JSONValue {
        guard let object = (try? JSONParser.parse(input))?.object else {
            throw RuleTargetFailure(.invalidParameter, "The input is no JSON object of the document's parameters.")
        }
        return .object(JSONObject(object.members.map { ($0.key, $0.value.array == nil ? [$0.value] : $0.value) }))
    }
}

package import AWSProtocols

/// Where AWS's services depart from their models, as observed from their answers.
extension ServiceBehaviour {
    private static let kilobyte = 1 << 10
    private static let megabyte = 1 << 20

    /// The behaviour of a service by its name in signatures.
    package static func of(_ service: String) -> ServiceBehaviour {
        switch service {
        case "states":
            // Definitions have up to 1 MiB and escapes may double a text; inputs 256 KiB.
            ServiceBehaviour(bodyLimit: 4 * megabyte)
        case ModelCatalogue.ownService:
            ServiceBehaviour(bodyLimit: 64 * kilobyte)
        case "ssm":
            ServiceBehaviour(bodyLimit: 2 * megabyte)
        case "config":
            ServiceBehaviour(bodyLimit: 64 * kilobyte)
        case "events":
            ServiceBehaviour(bodyLimit: 2 * megabyte)
        case "logs":
            ServiceBehaviour(
                validationCode: "InvalidParameterException", codes: ["ValidationException": "InvalidParameterException"],
                bodyLimit: 2 * megabyte)
        case "sqs":
            // A message has up to 1 MiB; escapes in JSON and forms make it several times as long.
            ServiceBehaviour(
                errorNamespace: "com.amazonaws.sqs#", bodyLimit: 8 * megabyte, checksConstraintsItself: true,
                pathMember: "QueueUrl", hasErrorDetail: true)
        case "lambda":
            // A synchronous payload has up to 6 MB; code arrives as Base64 of at most 50 MB.
            ServiceBehaviour(
                serializationCode: "InvalidRequestContentException",
                codes: [
                    "InternalFailure": "ServiceException", "ThrottlingException": "TooManyRequestsException",
                    "RequestEntityTooLargeException": "RequestTooLargeException",
                ],
                bodyLimit: 6 * megabyte + 64 * kilobyte)
        case "resource-groups":
            ServiceBehaviour(
                validationCode: "BadRequestException",
                codes: [
                    "ValidationException": "BadRequestException", "InternalFailure": "InternalServerErrorException",
                    "ThrottlingException": "TooManyRequestsException", "AccessDeniedException": "ForbiddenException",
                ])
        case "scheduler":
            ServiceBehaviour(codes: ["InternalFailure": "InternalServerException"], bodyLimit: megabyte)
        case "sns":
            // SNS knows the shared code under its own name.
            ServiceBehaviour(
                validationCode: "ValidationError",
                codes: [
                    "ValidationException": "InvalidParameter", "UnknownOperationException": "InvalidAction",
                    "AccessDeniedException": "AuthorizationError",
                ],
                bodyLimit: 2 * megabyte)
        case "s3":
            objects
        case "monitoring":
            ServiceBehaviour(validationCode: "ValidationError", bodyLimit: 2 * megabyte)
        default:
            ServiceBehaviour(
                validationCode: "ValidationError",
                codes: ["ValidationException": "ValidationError", "UnknownOperationException": "InvalidAction"])
        }
    }

    /// Operations whose bodies may be larger than their service's other ones, in bytes.
    package static func bodyLimit(service: String, operation: String) -> Int? {
        switch (service, operation) {
        case ("lambda", "CreateFunction"), ("lambda", "UpdateFunctionCode"), ("lambda", "PublishLayerVersion"): 70 * megabyte
        default: nil
        }
    }
}

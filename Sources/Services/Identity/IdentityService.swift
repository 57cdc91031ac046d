import AWSProtocols

/// STS: who am I.
package enum IdentityService {
    /// Adds GetCallerIdentity, which clients call to check their credentials.
    package static func register(in registry: inout OperationRegistry) {
        registry.register(service: "sts", operation: "GetCallerIdentity") { context, _ in
            [
                "UserId": .string(context.principal.accessKeyID), "Account": .string(context.account),
                "Arn": .string(context.principal.arn),
            ]
        }
    }
}

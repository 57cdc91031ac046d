import AWSProtocols

/// A function as callers name it: by its name, by a part of its ARN (`123456789012:function:NAME`) or by the whole, each perhaps with a
/// version or alias behind it.
struct FunctionReference: Sendable, Hashable {
    /// The name alone.
    let name: String
    /// The account that was named, else the caller's.
    let account: String
    /// The version or alias, nil when none was named.
    let qualifier: String?
    private let region: String

    /// Reads a reference of a request.
    /// - Parameter qualifier: the request's own `Qualifier`, which must not contradict the one in the name.
    init(_ text: String, qualifier: String? = nil, _ context: RequestContext) throws(APIError) {
        try self.init(text, qualifier: qualifier, account: context.account, region: context.region)
        guard account == context.account else {
            throw .accessDenied(
                "User: \(context.principal.arn) is not authorized to perform this action on resource: \(arn)")
        }
    }

    /// Reads a reference that is not of a request; the account is that of the ARN, if it has one.
    init(_ text: String, qualifier: String? = nil, account: String, region: String) throws(APIError) {
        var parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        var account = account
        if parts[0] == "arn" {
            guard parts.count >= 7, parts[2] == "lambda", parts[5] == "function" else { throw FunctionReference.malformed(text) }
            guard parts[3] == region else {
                throw LambdaError.notFound("Functions from '\(parts[3])' are not reachable in this region ('\(region)')")
            }
            account = parts[4]
            parts.removeFirst(6)
        } else if parts.count >= 3, parts[1] == "function" {
            account = parts[0]
            parts.removeFirst(2)
        } else if parts.count >= 2, parts[0] == "function" {
            parts.removeFirst()
        }
        guard let name = parts.first, !name.isEmpty, parts.count <= 2 else { throw FunctionReference.malformed(text) }
        let derived = parts.count == 2 ? parts[1] : nil
        if let derived, let qualifier, derived != qualifier {
            throw LambdaError.invalidParameter("The derived qualifier from the function name does not match the specified qualifier.")
        }
        self.name = name
        self.account = account
        self.qualifier = derived ?? qualifier
        self.region = region
    }

    /// The function's ARN with the qualifier, if one was named.
    var arn: String { FunctionReference.arn(name, account: account, region: region, qualifier: qualifier) }

    /// The function's ARN without a qualifier.
    var functionARN: String { FunctionReference.arn(name, account: account, region: region) }

    /// The version's number, 0 for `$LATEST`; nil when the qualifier is no version's.
    var version: Int64? {
        switch qualifier {
        case nil, "$LATEST": 0
        case let text?: Int64(text).flatMap { $0 > 0 ? $0 : nil }
        }
    }

    /// The reference without its qualifier.
    var unqualified: FunctionReference { FunctionReference(name: name, account: account, region: region) }

    /// The ARN of a function.
    static func arn(_ name: String, account: String, region: String, qualifier: String? = nil) -> String {
        ARN(
            service: "lambda", region: region, account: account,
            resource: "function:\(name)" + (qualifier.map { ":\($0)" } ?? "")
        ).description
    }

    private init(name: String, account: String, region: String) {
        self.name = name
        self.account = account
        self.region = region
        qualifier = nil
    }

    private static func malformed(_ text: String) -> APIError {
        LambdaError.invalidParameter("'\(text)' is not the name or ARN of a function.")
    }
}

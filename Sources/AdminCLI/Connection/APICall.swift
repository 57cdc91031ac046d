package import JSONCore

/// One call of an AWS operation in the JSON protocols, which all operations that the operator's commands need speak.
package struct APICall: Sendable {
    /// The service's name in signatures: `states`.
    package let service: String
    /// The value of `X-Amz-Target`: `AWSStepFunctions.StartExecution`.
    package let target: String
    /// The protocol's version: `1.0`.
    package let jsonVersion: String
    /// The operation's input.
    package var input: JSONObject

    /// A call of Step Functions.
    package static func states(_ operation: String, _ input: JSONObject = [:]) -> APICall {
        APICall(service: "states", target: "AWSStepFunctions." + operation, jsonVersion: "1.0", input: input)
    }

    /// A call of Systems Manager.
    package static func systemsManager(_ operation: String, _ input: JSONObject = [:]) -> APICall {
        APICall(service: "ssm", target: "AmazonSSM." + operation, jsonVersion: "1.1", input: input)
    }

    /// A call of AWS Config.
    package static func config(_ operation: String, _ input: JSONObject = [:]) -> APICall {
        APICall(service: "config", target: "StarlingDoveService." + operation, jsonVersion: "1.1", input: input)
    }

    /// A call of CloudWatch Logs.
    package static func logs(_ operation: String, _ input: JSONObject = [:]) -> APICall {
        APICall(service: "logs", target: "Logs_20140328." + operation, jsonVersion: "1.1", input: input)
    }

    /// The operation's name: `StartExecution`.
    package var operation: String { String(target.drop { $0 != "." }.dropFirst()) }

    /// The member that carries a page's position in this service's lists.
    var tokenMember: String { ["ssm", "config"].contains(service) ? "NextToken" : "nextToken" }
}

/// An operation's refusal.
package struct APIFailure: Error, CustomStringConvertible, Hashable {
    /// The error's code: `ExecutionDoesNotExist`.
    package let code: String
    /// What the server says about it.
    package let message: String
    /// The HTTP status.
    package let status: Int
    /// The operation's name.
    package let operation: String
    /// What the operator can do; may be empty.
    package var advice = ""

    /// Whether the same call may succeed later: the server is starting, stopping or busy.
    package var mayPass: Bool {
        (status >= 500 && status != 501) || code == "ThrottlingException"
    }

    /// A refusal of these parts.
    package init(code: String, message: String, status: Int, operation: String, advice: String = "") {
        self.code = code
        self.message = message
        self.status = status
        self.operation = operation
        self.advice = advice
    }

    package var description: String {
        "\(operation): \(code)\(message.isEmpty ? "" : ": " + message)\(advice.isEmpty ? "" : "\n" + advice)"
    }
}

/// The server could not be reached, or broke off.
package struct ConnectionFailure: Error, CustomStringConvertible, Hashable {
    /// The server's address.
    package let address: String
    /// Why.
    package let reason: String

    /// A failure to reach this address.
    package init(address: String, reason: String) {
        self.address = address
        self.reason = reason
    }

    package var description: String {
        """
        cannot reach the server at \(address): \(reason)
        Is `nightshift server` running there? Another address is given by --endpoint or NIGHTSHIFT_ENDPOINT.
        """
    }
}

/// Whatever answers calls: the server, or a test.
package protocol APICaller: Sendable {
    /// Calls an operation.
    /// - Throws: `APIFailure` when it is refused, `ConnectionFailure` when the server does not answer.
    func call(_ call: APICall) async throws -> JSONObject
}

extension APICaller {
    /// All elements of a list operation, page by page, up to a limit.
    /// - Parameter member: the output's member that holds the elements.
    package func list(_ call: APICall, _ member: String, limit: Int = .max) async throws -> [JSONValue] {
        var call = call
        var elements: [JSONValue] = []
        let token = JSONString(call.tokenMember)
        while true {
            let page = try await self.call(call)
            elements += page[member]?.array ?? []
            guard elements.count < limit, let next = page[token], next.text?.isEmpty == false else {
                return Array(elements.prefix(limit))
            }
            call.input.set(token, next)
        }
    }
}

import AWSProtocols
import JSONCore

/// Where a listing of Systems Manager goes on: a page token bound to its operation, with that service's own error.
enum RunCommandToken {
    /// The token of a position.
    static func token(_ position: JSONValue, operation: String, scope: String = "") -> String {
        PageToken(operation: operation, scope: scope, position: position).text
    }

    /// The position of a token, nil without one.
    /// - Throws: `InvalidNextToken` for a foreign or broken one.
    static func value(_ token: String?, operation: String, scope: String = "") throws(APIError) -> JSONValue? {
        guard let token else { return nil }
        do throws(PageToken.Fault) {
            return try PageToken.position(in: token, operation: operation, scope: scope)
        } catch {
            throw APIError("InvalidNextToken", "The specified token is not valid.")
        }
    }

    /// The position of a token as text.
    static func text(_ token: String?, operation: String, scope: String = "") throws(APIError) -> String? {
        guard let position = try value(token, operation: operation, scope: scope) else { return nil }
        guard let text = position.text else { throw APIError("InvalidNextToken", "The specified token is not valid.") }
        return text
    }
}

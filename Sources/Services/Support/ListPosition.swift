import AWSProtocols
import JSONCore

/// Where a listing goes on: a page token bound to its operation.
enum ListPosition {
    /// The token of a position.
    static func token(_ position: JSONValue, operation: String, scope: String = "") -> String {
        PageToken(operation: operation, scope: scope, position: position).text
    }

    /// The position of a token, nil without one; a foreign or broken one is Step Functions' `InvalidToken`.
    static func value(_ token: String?, operation: String, scope: String = "") throws(APIError) -> JSONValue? {
        guard let token else { return nil }
        do throws(PageToken.Fault) {
            return try PageToken.position(in: token, operation: operation, scope: scope)
        } catch {
            throw StepFunctionsError.invalidToken()
        }
    }

    /// The position of a token as text.
    static func text(_ token: String?, operation: String, scope: String = "") throws(APIError) -> String? {
        guard let position = try value(token, operation: operation, scope: scope) else { return nil }
        guard let text = position.text else { throw StepFunctionsError.invalidToken() }
        return text
    }

    /// The position of a token as a number.
    static func integer(_ token: String?, operation: String, scope: String = "") throws(APIError) -> Int64? {
        guard let position = try value(token, operation: operation, scope: scope) else { return nil }
        guard let number = position.integer else { throw StepFunctionsError.invalidToken() }
        return number
    }
}

import JSONCore

extension APICall {
    /// A call of Nightshift's own operations.
    static func nightshift(_ operation: String, _ input: JSONObject = [:]) -> APICall {
        APICall(service: "nightshift", target: "Nightshift_20261101." + operation, jsonVersion: "1.1", input: input)
    }
}

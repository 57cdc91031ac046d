import JSONCore

extension WireCodec {
    /// The body as JSON; an empty one counts as an object without members.
    func json(_ body: [UInt8]) throws(APIError) -> JSONValue {
        if body.isEmpty { return .object(JSONObject()) }
        do throws(JSONParseError) {
            return try JSONParser.parse(body)
        } catch {
            throw APIError(
                model.behaviour.serializationCode,
                "Could not parse request body into json: \(error.reason.rawValue) at byte \(error.offset)", httpStatus: 400)
        }
    }
}

import JSONCore
import StatesInterpreter
import StatesLanguage

/// The stored form of a task request: JSON, version 1.
enum OutboxBody {
    static func encode(_ request: TaskRequest) -> [UInt8] {
        var body: JSONObject = [
            "v": 1,
            "resource": .text(request.resource.arn),
            "state": .text(request.stateName),
            "branch": .integer(request.branch.rawValue),
            "retries": .integer(request.retryCount),
            "payload": .integer(request.parameters.number),
            "origin": .integer(request.parameters.origin),
            "parameters": .string(JSONString(unchecked: request.parameters.text)),
        ]
        if let seconds = request.timeoutSeconds { body["timeout"] = .integer(seconds) }
        if let seconds = request.heartbeatSeconds { body["heartbeat"] = .integer(seconds) }
        if let token = request.taskToken { body["token"] = .text(token) }
        return JSONWriter.bytes(of: .object(body))
    }

    static func decode(_ bytes: [UInt8], effect: EffectNumber) -> TaskRequest? {
        guard let body = try? JSONParser.parse(bytes).object, body["v"] == 1,
            let arn = body["resource"]?.text, let resource = TaskResource(parsing: arn),
            let state = body["state"]?.text, let branch = body["branch"]?.integer, let retries = body["retries"]?.integer,
            let number = body["payload"]?.integer, let origin = body["origin"]?.integer,
            let text = body["parameters"]?.string, let document = try? JSONDocument(parsing: text.bytes)
        else { return nil }
        return TaskRequest(
            effect: effect, resource: resource, parameters: Payload(number: number, origin: origin, document: document),
            stateName: state, branch: BranchID(rawValue: branch), retryCount: Int(retries),
            timeoutSeconds: body["timeout"]?.integer, heartbeatSeconds: body["heartbeat"]?.integer,
            taskToken: body["token"]?.text)
    }
}

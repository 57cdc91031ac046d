import AWSProtocols
import AsyncHTTPClient
import ByteCoding
import JSONCore
import NIOCore
import NIOHTTP1
package import Services
package import TimeSource

/// Sends the requests of HTTP tasks, and those for their tokens.
package final class HTTPInvoker: Sendable {
    /// Bytes of an answer's body (Step Functions Developer Guide, HTTP task, quotas).
    static let answerLimit = 262_144
    /// The longest that an HTTP task takes (there).
    private static let timeout = TimeAmount.seconds(60)

    let connections: ConnectionVault
    let tokens: HTTPTokens
    private let client: any HTTPRequestSender

    /// Why there is no answer.
    struct Failure: Error {
        let error: String
        let cause: String
    }

    /// An answer.
    struct Answer {
        let status: Int
        let reason: String
        let headers: [(name: String, value: String)]
        let body: [UInt8]
    }

    /// An invoker that opens connections by this vault.
    package init(connections: ConnectionVault, client: any HTTPRequestSender, clock: any ClockSource) {
        self.connections = connections
        self.client = client
        tokens = HTTPTokens(clock: clock)
    }

    /// Sends a request and reads the whole answer.
    func send(_ request: HTTPClientRequest) async throws(Failure) -> Answer {
        do {
            let response = try await client.execute(request, timeout: HTTPInvoker.timeout)
            let body = try await response.body.collect(upTo: HTTPInvoker.answerLimit)
            return Answer(
                status: Int(response.status.code), reason: response.status.reasonPhrase,
                headers: response.headers.map { ($0.name.lowercased(), $0.value) }, body: Array(buffer: body))
        } catch is NIOTooManyBytesError {
            throw Failure(
                error: "States.DataLimitExceeded",
                cause: "The response of the endpoint is larger than the maximum of \(HTTPInvoker.answerLimit) bytes.")
        } catch let error as HTTPClientError where error == .deadlineExceeded || error == .readTimeout || error == .connectTimeout {
            throw Failure(error: "States.Http.Socket", cause: "The endpoint did not answer within 60 seconds.")
        } catch let error as HTTPClientError where error == .invalidURL || error == .emptyHost || error == .emptyScheme {
            throw Failure(error: "States.Runtime", cause: "The endpoint is no web address.")
        } catch let error as HTTPClientError {
            // In short: in full some tell header values, which may be secrets.
            throw Failure(error: "States.Http.Socket", cause: "The endpoint could not be reached: \(error.shortDescription)")
        } catch {
            throw Failure(error: "States.Http.Socket", cause: "The endpoint could not be reached: \(error)")
        }
    }

    /// Adds the authorization of a connection to a request; fetches a token when there is none that is good.
    func authorize(_ request: inout HTTPTaskRequest, by connection: ConnectionVault.Opened) async throws {
        let parameters = connection.parameters
        switch parameters.type {
        case .apiKey:
            request.setHeader(
                parameters.authorization.string("ApiKeyName") ?? "", parameters.authorization.string("ApiKeyValue") ?? "")
        case .basic: request.setHeader("Authorization", HTTPInvoker.basic(parameters.authorization))
        case .oauth: request.setHeader("Authorization", try await tokens.header(connection, self))
        }
    }

    /// Sends a request and answers the status and headers alone, for those to whom the body does not matter.
    func status(of request: HTTPClientRequest, timeout: TimeAmount) async throws -> (status: Int, headers: HTTPHeaders) {
        let response = try await client.execute(request, timeout: timeout)
        // Read so that the connection can be used again.
        _ = try? await response.body.collect(upTo: HTTPInvoker.answerLimit)
        return (Int(response.status.code), response.headers)
    }

    /// `Authorization` of a user and password.
    static func basic(_ authorization: APIStructure) -> String {
        "Basic "
            + Base64.text(Array("\(authorization.string("Username") ?? ""):\(authorization.string("Password") ?? "")".utf8))
    }
}

extension HTTPInvoker.Answer {
    /// The result of the task: headers as lists, the body parsed when it is JSON.
    var result: JSONValue {
        var values = JSONObject()
        for header in headers {
            let name = JSONString(header.name)
            values[name] = .array((values[name]?.array ?? []) + [.text(header.value)])
        }
        return [
            "Headers": .object(values), "ResponseBody": content, "StatusCode": .integer(status), "StatusText": .text(reason),
        ]
    }

    private var content: JSONValue {
        let type = headers.first { $0.name == "content-type" }?.value.lowercased() ?? ""
        if type.isEmpty || type.contains("json"), let value = try? JSONParser.parse(body) { return value }
        return .text(String(decoding: body, as: UTF8.self))
    }
}

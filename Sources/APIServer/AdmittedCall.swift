import AWSProtocols
import Services

/// A call that may be made: who makes it is proved and its input is checked.
///
/// It is a class, and made before the wait for its answer begins: the frames of a call that waits then hold a pointer instead of the
/// request and all that its check needed. Ten thousand polls may wait at a time.
final class AdmittedCall: Sendable {
    /// How long the request's body was, in bytes.
    let length: Int
    private let call: OperationCall
    private let input: APIStructure
    private let context: RequestContext

    /// Decodes and checks the input.
    /// - Throws: what the client is told of a request that cannot be read or breaks a rule of the model.
    init(_ call: OperationCall, _ request: WireRequest, _ context: RequestContext) throws(APIError) {
        self.call = call
        self.context = context
        length = request.body.count
        input = try call.input(of: request)
    }

    /// Whether the call waits for something to happen.
    var isLongPoll: Bool { call.entry.options.isLongPoll }

    /// Runs the handler and encodes its output.
    func answer() async throws -> WireResponse {
        response(try await call.entry.handler(context, input))
    }

    /// The same, with its failure as a value.
    func result() async -> Result<WireResponse, any Error> {
        do {
            return .success(try await answer())
        } catch {
            return .failure(error)
        }
    }

    // Not inlined: what it needs would be part of the frame that waits.
    @inline(never)
    private func response(_ output: APIStructure) -> WireResponse {
        call.response(output, context)
    }
}

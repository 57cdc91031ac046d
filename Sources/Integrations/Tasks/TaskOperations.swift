import APIModels
import AWSProtocols
import JSONCore
import Logging
import Services
import Store
import TimeSource

/// Calls operations of this server on behalf of one task.
struct TaskOperations {
    let registry: OperationRegistry
    let catalogue: ModelCatalogue
    let context: RequestContext
    let clock: any ClockSource

    /// A failed call.
    struct Failure: Error {
        let error: APIError
        let status: Int
        /// The error's shape in the service's model; nil when the model has no such error.
        let shape: String?
        /// What Step Functions itself refuses about the parameters; empty when the service was asked.
        var faults: [String] = []

        /// Whether asking again is in vain: the server could answer, and did.
        var isRefusal: Bool { status < 500 || status == 501 }
    }

    /// A successful call.
    struct Answer {
        /// The output as the handler gave it.
        let output: APIStructure
        /// The output as a task's result shows it.
        let result: JSONValue
    }

    /// Whether this server has an operation.
    func exists(service: String, operation: String) -> Bool {
        catalogue.model(service)?.operations[operation] != nil && registry.entry(service: service, operation: operation) != nil
    }

    /// The transport details of an answer that came now.
    func metadata(contentType: String) -> SDKMetadata {
        SDKMetadata(requestID: context.requestID, contentType: contentType, date: clock.now)
    }

    /// As `call`, again every second while the server itself is unavailable, such as on a full disk: that is no outcome of a task. For
    /// operations that may be repeated; a cancelled task stops asking.
    func callUntilAvailable(
        service: String, operation: String, parameters: JSONValue, timestamps: SDKShapes.Timestamps = .text
    ) async throws(Failure) -> Answer {
        while true {
            do throws(Failure) {
                return try await call(service: service, operation: operation, parameters: parameters, timestamps: timestamps)
            } catch {
                guard error.status == 503, (try? await clock.sleep(for: .seconds(1))) != nil else { throw error }
            }
        }
    }

    /// Calls an operation with parameters in JSON and answers its output.
    /// - Throws: `Failure` with what a client would have been told.
    func call(
        service: String, operation: String, parameters: JSONValue, timestamps: SDKShapes.Timestamps = .text
    ) async throws(Failure) -> Answer {
        guard let model = catalogue.model(service), let operationModel = model.operations[operation],
            let entry = registry.entry(service: service, operation: operation)
        else {
            throw Failure(error: .unsupportedOperation(service: service, operation: operation), status: 501, shape: nil)
        }
        let shapes = SDKShapes(model: model, timestamps: timestamps, parsesBytes: service != "s3")
        do {
            var request = parameters
            var faults: [String] = []
            if let input = operationModel.input {
                request = shapes.request(parameters, model.shapes[input], &faults)
            }
            guard faults.isEmpty else {
                throw Failure(error: .validation(faults.joined(separator: ", ")), status: 400, shape: nil, faults: faults)
            }
            // Decoded as JSON whatever the service's own protocol is: the shapes are the same.
            let input = try WireCodec(model: model, wireProtocol: .json11).decode(
                WireRequest(method: "POST", path: "/", query: "", headers: [], body: JSONWriter.bytes(of: request)),
                operationModel, labels: [], skippingConstraintsOf: entry.options.skipModelConstraints)
            let output = try await entry.handler(context, input)
            let shape = operationModel.output.map { model.shapes[$0] }
            return Answer(
                output: output, result: shape.map { shapes.result(.structure(output), $0) } ?? .object(JSONObject()))
        } catch let error as APIError {
            let modelled = model.error(error.code)
            throw Failure(error: error, status: error.httpStatus ?? modelled?.error?.httpStatus ?? 400, shape: modelled?.name)
        } catch let failure as Failure {
            throw failure
        } catch {
            if let failure = error as? StoreError, failure.code == .full || failure.code == .unavailable {
                throw Failure(error: .serviceUnavailable("The server's database is not available."), status: 503, shape: nil)
            }
            context.logger.error("a task's call failed", metadata: ["operation": "\(operation)", "error": "\(error)"])
            throw Failure(error: .internalFailure(), status: 500, shape: nil)
        }
    }
}

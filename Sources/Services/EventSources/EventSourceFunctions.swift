package import Engine
import FunctionRuntimes
import JSONCore

/// Runs functions for the batches of event sources: synchronous invocations of the pool.
package struct EventSourceFunctions: EventSourceInvoker {
    private let directory: FunctionDirectory
    private let runner: FunctionRunner
    private let region: String

    /// An invoker of the functions of a directory.
    package init(directory: FunctionDirectory, runner: FunctionRunner, region: String) {
        self.directory = directory
        self.runner = runner
        self.region = region
    }

    package func exists(function arn: String, account: String) -> Bool {
        specification(arn, account) != nil
    }

    package func invoke(function arn: String, account: String, payload: [UInt8], requestID: String) async -> EventSourceOutcome {
        guard let specification = specification(arn, account) else { return .missing }
        let result = await runner.invoke(
            specification, FunctionInvocation(requestID: requestID, payload: payload, invokedARN: arn))
        switch result.outcome {
        case .success(let payload): return .succeeded(payload: payload)
        case .functionError(_, let payload), .runtimeExited(let payload), .initError(let payload):
            // The error's type alone: its message may tell of the messages.
            let type = (try? JSONParser.parse(payload))?["errorType"]?.text ?? "an error without a type"
            return .failed(reason: "The function failed with \(type).")
        case .timedOut: return .failed(reason: "The function did not end in time.")
        case .throttled(let reason): return .notStarted(reason: reason.rawValue)
        case .unavailable(let message): return .notStarted(reason: message)
        }
    }

    private func specification(_ arn: String, _ account: String) -> FunctionSpecification? {
        guard let reference = try? FunctionReference(arn, account: account, region: region), reference.account == account,
            let version = reference.version
        else { return nil }
        return directory.specification(reference.name, account: account, version: version)
    }
}

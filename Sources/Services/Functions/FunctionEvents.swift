package import Engine
import FunctionRuntimes
import JSONCore
package import Store

/// Runs functions for events that are delivered: asynchronous invocations, messages of topics, targets of rules.
package struct FunctionEvents: FunctionInvoker {
    private let directory: FunctionDirectory
    private let runner: FunctionRunner
    private let region: String

    /// An invoker of the functions of a directory.
    package init(directory: FunctionDirectory, runner: FunctionRunner, region: String) {
        self.directory = directory
        self.runner = runner
        self.region = region
    }

    package func invokeForEvent(
        function arn: String, account: String, payload: [UInt8], requestID: String
    ) async -> FunctionInvocationOutcome {
        guard let reference = try? FunctionReference(arn, account: account, region: region), reference.account == account,
            let version = reference.version,
            let specification = directory.specification(reference.name, account: account, version: version)
        else { return .refused(reason: "Function not found: \(arn)") }
        let result = await runner.invoke(
            specification, FunctionInvocation(requestID: requestID, payload: payload, invokedARN: reference.arn))
        switch result.outcome {
        case .success: return .succeeded
        case .functionError(_, let payload), .runtimeExited(let payload), .initError(let payload):
            return .failed(reason: "The function failed with \(FunctionEvents.errorType(payload)).")
        case .timedOut: return .failed(reason: "The function did not end in time.")
        case .throttled(let reason): return .notStarted(reason: reason.rawValue)
        case .unavailable(let message): return .notStarted(reason: message)
        }
    }

    package func deadLetterQueue(function arn: String, account: String) -> QueueName? {
        guard let reference = try? FunctionReference(arn, account: account, region: region), reference.account == account,
            let version = reference.version
        else { return nil }
        return directory.deadLetterQueue(of: reference.name, account: account, version: version)
    }

    /// The error's type alone: its message may tell of the event.
    private static func errorType(_ payload: [UInt8]) -> String {
        (try? JSONParser.parse(payload))?["errorType"]?.text ?? "an error without a type"
    }
}

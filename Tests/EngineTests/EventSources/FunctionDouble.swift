import Engine
import JSONCore
import Synchronization

/// A function that a test answers for: each invocation waits for its answer, or gets the one that was set for all.
final class FunctionDouble: EventSourceInvoker {
    /// An invocation that waits for its answer.
    struct Call: Sendable {
        let payload: JSONValue
        let answer: @Sendable (EventSourceOutcome) -> Void

        /// The texts of its messages.
        var bodies: [String] { records.compactMap { $0["body"]?.text } }
        /// Its messages.
        var records: [JSONValue] { payload["Records"]?.array ?? [] }
        /// The ids of its messages.
        var ids: [String] { records.compactMap { $0["messageId"]?.text } }
    }

    private struct State {
        var waiting: [Call] = []
        var outcome: EventSourceOutcome?
        var isMissing = false
        var seen: [[String]] = []
    }

    private let state = Mutex(State())

    /// A function that answers each call so; nil lets them wait.
    init(_ outcome: EventSourceOutcome? = nil) {
        state.withLock { $0.outcome = outcome }
    }

    /// How calls are answered from now on.
    func answer(_ outcome: EventSourceOutcome?) { state.withLock { $0.outcome = outcome } }

    /// Lets the function be or not be there.
    func remove(_ isMissing: Bool = true) { state.withLock { $0.isMissing = isMissing } }

    /// The calls that wait for an answer.
    var waiting: [Call] { state.withLock { $0.waiting } }
    /// The texts of the messages of each call so far.
    var seen: [[String]] { state.withLock { $0.seen } }

    /// The first call that waits, taken out of the line.
    func take() -> Call? { state.withLock { $0.waiting.isEmpty ? nil : $0.waiting.removeFirst() } }

    /// The call that waits with these messages, taken out of the line.
    func take(_ bodies: [String]) -> Call? {
        state.withLock { state in state.waiting.firstIndex { $0.bodies == bodies }.map { state.waiting.remove(at: $0) } }
    }

    func exists(function arn: String, account: String) -> Bool { state.withLock { !$0.isMissing } }

    func invoke(function arn: String, account: String, payload: [UInt8], requestID: String) async -> EventSourceOutcome {
        guard let event = try? JSONParser.parse(payload) else { return .failed(reason: "no JSON") }
        let box = OnceBox()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                box.set(continuation)
                let call = Call(payload: event) { box.resume($0) }
                let outcome = state.withLock { state -> EventSourceOutcome? in
                    state.seen.append(call.bodies)
                    if state.outcome == nil { state.waiting.append(call) }
                    return state.outcome
                }
                if let outcome { box.resume(outcome) } else if Task.isCancelled { box.resume(.failed(reason: "cancelled")) }
            }
        } onCancel: {
            box.resume(.failed(reason: "cancelled"))
        }
    }
}

/// A continuation that is resumed once.
private final class OnceBox: Sendable {
    private let continuation = Mutex<CheckedContinuation<EventSourceOutcome, Never>?>(nil)

    func set(_ continuation: CheckedContinuation<EventSourceOutcome, Never>) { self.continuation.withLock { $0 = continuation } }

    func resume(_ outcome: EventSourceOutcome) {
        let waiting = continuation.withLock { continuation in
            defer { continuation = nil }
            return continuation
        }
        waiting?.resume(returning: outcome)
    }
}

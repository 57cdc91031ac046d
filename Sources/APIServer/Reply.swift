import HummingbirdCore

/// What a request has come to once it was looked at.
enum Reply: Sendable {
    /// Its answer.
    case response(Response)
    /// Nothing yet: it waits for something to happen. Whoever waits for it holds no more than the call.
    case pending(PendingCall)
}

/// An admitted call whose answer is to be waited for.
struct PendingCall: Sendable {
    /// Gives the answer, whatever goes wrong; soon after its task was cancelled.
    let response: @Sendable () async -> Response
}

import AWSProtocols
import Store

extension StoreError {
    /// What a client is told when the store fails: the service is unavailable, and whether it may try again.
    var apiError: APIError {
        switch code {
        case .full: .serviceUnavailable("The server's disk is full; nothing was changed.", retryAfterSeconds: 5)
        case .unavailable, .closed, .fenced: .serviceUnavailable("The server's database is not available.", retryAfterSeconds: 1)
        case .conflict: .serviceUnavailable("Another request changed the same resource; try again.", retryAfterSeconds: 1)
        case .corrupted, .newerSchema, .invalidStatement: .internalFailure()
        }
    }
}

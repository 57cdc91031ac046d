import AWSProtocols
import Store

/// Runs a change again that another request was faster than, a few times.
/// - Throws: `ConcurrentModificationException` when others are always faster; what `body` throws; the client's error for the store's.
@discardableResult
func retryingConflicts<Value>(_ body: () async throws -> Value) async throws -> Value {
    for _ in 0..<5 {
        do {
            return try await body()
        } catch let error as StoreError {
            guard error.code == .conflict else { throw error.apiError }
        }
    }
    throw APIError("ConcurrentModificationException", "The resource is changed by other requests at the same time.")
}

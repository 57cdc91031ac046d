import Threading

/// Work that waits for the disk, on a thread of its own instead of Swift's pool.
package enum BlockingWork {
    /// Runs `body` and returns what it does.
    package static func run<Value: Sendable>(
        _ body: @escaping @Sendable () throws(BackupError) -> Value
    ) async throws(BackupError) -> Value {
        let result: Result<Value, BackupError> = await withCheckedContinuation { continuation in
            _ = DedicatedThread(name: "backup") {
                do throws(BackupError) {
                    continuation.resume(returning: .success(try body()))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
        }
        return try result.get()
    }
}

extension Database {
    /// Applies a batch, unless one of its guards fails: then nothing of it happened, and the answer is false.
    package func applyUnlessConflict(_ batch: [Statement]) async throws -> Bool {
        do {
            try await apply(batch)
            return true
        } catch  where error.code == .conflict {
            return false
        }
    }
}

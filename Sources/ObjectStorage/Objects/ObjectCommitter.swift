package import Store

/// Makes changes of objects durable, with the news of them in the same transaction.
package protocol ObjectCommitter: Sendable {
    /// Applies the statements whole or not at all; a guard that fails throws the store's `.conflict`.
    func commit(_ statements: [Statement], _ changes: [ObjectChange], by requester: ObjectRequester) async throws
}

/// Tells nobody.
package struct SilentCommitter: ObjectCommitter {
    private let database: any Database

    /// A committer to a database.
    package init(database: any Database) {
        self.database = database
    }

    /// Applies the statements alone.
    package func commit(_ statements: [Statement], _ changes: [ObjectChange], by requester: ObjectRequester) async throws {
        try await database.apply(statements)
    }
}

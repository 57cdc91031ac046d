import Store

extension CommandCoordinator {
    /// The command that an order of this identity has made before, for orders that are given again after a crash: by then their nodes or
    /// parameters may be gone, which is no reason to refuse them. Nil when there is none, or the order is one of its own.
    package func sent(_ identity: CommandOrder.Identity, account: String) async throws -> SentCommand? {
        let id: String
        switch identity {
        case .generated: return nil
        case .fixed(let given): id = given
        case .derived(let key): id = CommandOrder.identifier(account: account, key: key)
        }
        return try await database.read { transaction in
            try CommandStore.find(id: id, account: account, in: transaction).map {
                SentCommand(record: $0.record, progress: $0.progress)
            }
        }
    }
}

extension DeliveryStore {
    /// Ends a delivery in the transaction that delivers it inside of this database. A conflict when it has ended already: then nothing of
    /// the transaction happens a second time.
    package static func completeOnce(_ id: String) -> Statement {
        Statement("DELETE FROM delivery WHERE id = ?", [.text(id)], expecting: .changes(1))
    }

    /// Whether a delivery is still to be made.
    package static func exists(_ id: String, in transaction: any ReadTransaction) throws(StoreError) -> Bool {
        try transaction.row("SELECT 1 FROM delivery WHERE id = ?", [.text(id)]) != nil
    }
}

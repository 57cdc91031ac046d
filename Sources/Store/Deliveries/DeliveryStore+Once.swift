extension DeliveryStore {
    /// Ends a delivery in the transaction that delivers it inside of this database. A conflict when it has ended already: then nothing of
    /// the transaction happens a second time.
    package static func completeOnce(_ id: String) -> Statement {
        Statement("DELETE FROM delivery WHERE id = ?", [.text(id)], expecting: .changes(1))
    }
}

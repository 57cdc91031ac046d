package import TimeSource

/// A resource group: a name for all resources whose tags match a query.
package struct ResourceGroupRecord: Sendable, Hashable {
    /// The account.
    package let account: String
    /// The name, unique in the account.
    package let name: String
    /// What is shown of it beside its query: a JSON object under AWS's names.
    package let facts: [UInt8]
    /// The text of a `TAG_FILTERS_1_0` query, as it was given.
    package let query: [UInt8]
    /// When it was made, by the wall clock.
    package let createdAt: Timestamp

    /// A group of these facts.
    package init(account: String, name: String, facts: [UInt8], query: [UInt8], createdAt: Timestamp) {
        self.account = account
        self.name = name
        self.facts = facts
        self.query = query
        self.createdAt = createdAt
    }
}

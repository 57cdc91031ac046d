/// An event bus by account and name.
struct BusKey: Hashable, Sendable {
    /// The account.
    let account: String
    /// The name.
    let name: String
}

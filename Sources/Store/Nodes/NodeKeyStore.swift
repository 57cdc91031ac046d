/// The keys of managed nodes, as they are replaced.
package enum NodeKeyStore {
    /// The key that was announced and not used yet; nil when there is none.
    package static func next(of node: String, in transaction: any ReadTransaction) throws(StoreError) -> [UInt8]? {
        try transaction.row("SELECT next_public_key FROM managed_node WHERE id = ?", [.text(node)])?.values[0].blob
    }

    /// Takes a key beside the current one. A conflict when the current one is another by now or the node is not active.
    package static func announce(_ next: [UInt8], of node: String, by current: [UInt8]) -> Statement {
        Statement(
            "UPDATE managed_node SET next_public_key = ? WHERE id = ? AND public_key = ? AND state = 'Active'",
            [.blob(next), .text(node), .blob(current)], expecting: .changes(1))
    }

    /// Puts the announced key in the place of the current one. A conflict when another one is announced by now.
    package static func adopt(_ next: [UInt8], of node: String) -> Statement {
        Statement(
            "UPDATE managed_node SET public_key = ?, next_public_key = NULL WHERE id = ? AND next_public_key = ?",
            [.blob(next), .text(node), .blob(next)], expecting: .changes(1))
    }
}

/// Proof, in each transaction, that this process is still the one that owns the node's data.
///
/// Every transaction sets `node.batch_seq` from n-1 to n for its incarnation; touching no row means that another process took
/// over (or that this batch was applied before, after a lost connection). See core rule 4.
package struct NodeFence: Sendable, Hashable {
    /// The node's name; the embedded database has one node.
    package let node: String
    /// Grows with each start of the node.
    package let incarnation: Int64

    /// The fence of an incarnation.
    package init(node: String, incarnation: Int64) {
        self.node = node
        self.incarnation = incarnation
    }

    /// The statement that takes the transaction from one number to the next.
    package func advance(to sequence: Int64) -> Statement {
        Statement(
            "UPDATE node SET batch_seq = ? WHERE node = ? AND incarnation = ? AND batch_seq = ?",
            [.integer(sequence), .text(node), .integer(incarnation), .integer(sequence - 1)], expecting: .changes(1))
    }
}

/// The resource policies of functions: who else may invoke them. One for each qualifier; the unqualified function's is empty text.
package enum FunctionPolicyStore {
    /// A policy as stored.
    package struct Record: Sendable, Hashable {
        /// Changes with every change of the policy.
        package let revisionID: String
        /// The policy document, JSON text.
        package let policy: [UInt8]

        /// A policy of these facts.
        package init(revisionID: String, policy: [UInt8]) {
            self.revisionID = revisionID
            self.policy = policy
        }
    }

    /// The policy of a function and qualifier, nil when there is none.
    package static func find(
        name: String, account: String, qualifier: String, in transaction: any ReadTransaction
    ) throws(StoreError) -> Record? {
        guard
            let row = try transaction.row(
                "SELECT revision_id, policy FROM function_policy WHERE account = ? AND name = ? AND qualifier = ?",
                [.text(account), .text(name), .text(qualifier)])
        else { return nil }
        return Record(revisionID: try row.text(0), policy: try row.blob(1))
    }

    /// Replaces a policy that is at `revision`, or makes the first one when that is nil. A conflict when somebody was faster.
    package static func set(
        _ record: Record, name: String, account: String, qualifier: String, from revision: String?
    ) -> Statement {
        guard let revision else {
            return Statement(
                "INSERT INTO function_policy (account, name, qualifier, revision_id, policy) VALUES (?, ?, ?, ?, ?)",
                [.text(account), .text(name), .text(qualifier), .text(record.revisionID), .blob(record.policy)])
        }
        return Statement(
            """
            UPDATE function_policy SET revision_id = ?, policy = ?
            WHERE account = ? AND name = ? AND qualifier = ? AND revision_id = ?
            """,
            [.text(record.revisionID), .blob(record.policy), .text(account), .text(name), .text(qualifier), .text(revision)],
            expecting: .changes(1))
    }

    /// Removes a policy that is at `revision`. A conflict when somebody was faster.
    package static func remove(name: String, account: String, qualifier: String, from revision: String) -> Statement {
        Statement(
            "DELETE FROM function_policy WHERE account = ? AND name = ? AND qualifier = ? AND revision_id = ?",
            [.text(account), .text(name), .text(qualifier), .text(revision)], expecting: .changes(1))
    }
}

/// A database that can copy itself to a file while it is used. Others have tools of their own for that.
package protocol DatabaseBackup: Sendable {
    /// Writes a consistent copy to a new file. Batches go on being applied meanwhile; the copy has every batch that was acknowledged
    /// before the call and, as one prefix of the batches, some of those after it. The file is whole but not yet synchronised.
    ///
    /// Ends early, with an error, when the task is cancelled. After an error the file may be there in part.
    func backUp(to path: String) async throws(StoreError)
}

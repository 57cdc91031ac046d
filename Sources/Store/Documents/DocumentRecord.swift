/// A document of an account: which of its versions are there.
package struct DocumentRecord: Sendable, Hashable {
    /// The tenant.
    package let account: String
    /// The document's name, unique in the account.
    package let name: String
    /// The version that is meant when none is named.
    package var defaultVersion: Int64
    /// The newest version that is there.
    package var latestVersion: Int64
    /// The highest number that a version ever had; numbers do not come back.
    package var lastVersion: Int64
    /// Counts changes; every change names the one that it was decided on.
    package var revision: Int64

    /// A document of these facts.
    package init(
        account: String, name: String, defaultVersion: Int64 = 1, latestVersion: Int64 = 1, lastVersion: Int64 = 1, revision: Int64 = 0
    ) {
        self.account = account
        self.name = name
        self.defaultVersion = defaultVersion
        self.latestVersion = latestVersion
        self.lastVersion = lastVersion
        self.revision = revision
    }
}

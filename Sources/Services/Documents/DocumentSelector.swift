import Store

/// Which version of a document is meant.
struct DocumentSelector: Sendable {
    /// A number, `$DEFAULT`, `$LATEST`, or a version's name; nil is `$DEFAULT`, or whatever has the version's name.
    let version: String?
    /// A version's name, which must belong to `version` if there is one.
    let versionName: String?

    init(version: String?, versionName: String? = nil) {
        self.version = version
        self.versionName = versionName
    }

    /// The version in a document; nil when it has none such.
    func find(in document: DocumentRecord, _ transaction: any ReadTransaction) throws(StoreError) -> DocumentVersionRecord? {
        guard let versionName else { return try find(version ?? "$DEFAULT", in: document, transaction) }
        let named = try DocumentStore.version(named: versionName, of: document, in: transaction)
        guard let version else { return named }
        let numbered = try find(version, in: document, transaction)
        return numbered == named ? named : nil
    }

    private func find(
        _ version: String, in document: DocumentRecord, _ transaction: any ReadTransaction
    ) throws(StoreError) -> DocumentVersionRecord? {
        switch version {
        case "$DEFAULT": try DocumentStore.version(document.defaultVersion, of: document, in: transaction)
        case "$LATEST": try DocumentStore.version(document.latestVersion, of: document, in: transaction)
        default:
            if let number = Int64(version) {
                try DocumentStore.version(number, of: document, in: transaction)
            } else {
                try DocumentStore.version(named: version, of: document, in: transaction)
            }
        }
    }
}

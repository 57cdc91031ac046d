import AWSProtocols
import Store

/// Where documents are looked up by what callers write: built-in ones in memory, an account's own in the database.
enum DocumentCatalogue {
    /// The built-in document of a name or ARN, without a look at the database; nil when none has that name.
    /// - Throws: `InvalidDocumentVersion` for a version that the document has not.
    static func builtIn(_ nameOrARN: String, version: String?) throws(APIError) -> CommandDocument? {
        let name = DocumentReference(nameOrARN).name
        guard let document = CommandDocument.builtIn.first(where: { $0.name == name }) else { return nil }
        guard ["$DEFAULT", "$LATEST", document.version].contains(version ?? "$DEFAULT") else { throw DocumentError.invalidVersion() }
        return document
    }

    /// The document of a name or ARN in a version: a number, `$DEFAULT` (also for nil), `$LATEST`, or a version's name.
    /// - Throws: `InvalidDocument`, `InvalidDocumentVersion`; the client's error for the store's.
    static func find(
        _ nameOrARN: String, version: String?, account: String, in transaction: any ReadTransaction
    ) throws(APIError) -> CommandDocument {
        if let document = try builtIn(nameOrARN, version: version) { return document }
        let found = try own(
            DocumentReference(nameOrARN), DocumentSelector(version: version), account: account, in: transaction)
        return try CommandDocument(found)
    }

    /// One of the account's own documents, or one that is shared with it, in a version.
    /// - Throws: `InvalidDocument`, `InvalidDocumentVersion`; the client's error for the store's.
    static func own(
        _ reference: DocumentReference, _ selector: DocumentSelector, account: String, in transaction: any ReadTransaction
    ) throws(APIError) -> StoredDocument {
        guard let document = try document(reference, account: account, in: transaction) else {
            throw DocumentError.notFound(reference.text)
        }
        do throws(StoreError) {
            if let version = try selector.find(in: document, transaction), try isVisible(version, of: document, to: account, transaction),
                let content = try DocumentStore.content(of: version, in: transaction)
            {
                return StoredDocument(document: document, version: version, content: content)
            }
        } catch {
            throw error.apiError
        }
        throw DocumentError.invalidVersion()
    }

    /// One of the account's own documents, or one that is shared with it; nil when there is none.
    static func document(
        _ reference: DocumentReference, account: String, in transaction: any ReadTransaction
    ) throws(APIError) -> DocumentRecord? {
        do throws(StoreError) {
            guard let document = try DocumentStore.find(reference.name, account: reference.account ?? account, in: transaction) else {
                return nil
            }
            if document.account == account { return document }
            return try share(of: document, with: account, transaction) == nil ? nil : document
        } catch {
            throw error.apiError
        }
    }

    /// In which version a document is shared with an account, nil when it is not.
    private static func share(
        of document: DocumentRecord, with account: String, _ transaction: any ReadTransaction
    ) throws(StoreError) -> String? {
        try DocumentStore.shares(of: document, in: transaction).first { $0.account == account || $0.account == "all" }?.version
    }

    private static func isVisible(
        _ version: DocumentVersionRecord, of document: DocumentRecord, to account: String, _ transaction: any ReadTransaction
    ) throws(StoreError) -> Bool {
        guard document.account != account else { return true }
        guard let shared = try share(of: document, with: account, transaction) else { return false }
        if shared == "All" { return true }
        return try DocumentSelector(version: shared).find(in: document, transaction)?.number == version.number
    }
}

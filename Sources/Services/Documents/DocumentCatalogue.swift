import AWSProtocols
import Store

/// Where documents are looked up by what callers write: built-in ones in memory, an account's own in the database.
enum DocumentCatalogue {
    /// The built-in document of a name or ARN, without a look at the database; nil when none has that name.
    /// - Throws: `InvalidDocumentVersion` for a version that the document has not.
    static func builtIn(_ nameOrARN: String, version: String?) throws(APIError) -> CommandDocument? {
        let name = name(of: nameOrARN)
        guard let document = CommandDocument.builtIn.first(where: { $0.name == name }) else { return nil }
        guard ["$DEFAULT", "$LATEST", CommandDocument.version].contains(version ?? "$DEFAULT") else {
            throw APIError("InvalidDocumentVersion", "Document version \(version ?? "") of \(document.name) does not exist.")
        }
        return document
    }

    /// The document of a name or ARN in a version: a number, `$DEFAULT` (also for nil), `$LATEST`, or a version's name.
    /// - Throws: `InvalidDocument`, `InvalidDocumentVersion`; the client's error for the store's.
    static func find(
        _ nameOrARN: String, version: String?, account: String, in transaction: any ReadTransaction
    ) throws(APIError) -> CommandDocument {
        if let document = try builtIn(nameOrARN, version: version) { return document }
        throw APIError("InvalidDocument", "Document with name \(nameOrARN) does not exist.")
    }

    /// The name in an ARN of a document; a text that is no such ARN is the name.
    static func name(of nameOrARN: String) -> String {
        guard let arn = ARN(nameOrARN), arn.service == "ssm", arn.resource.hasPrefix("document/") else { return nameOrARN }
        return String(arn.resource.dropFirst("document/".count))
    }
}

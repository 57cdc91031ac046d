import AWSProtocols

/// The errors of documents, with AWS's texts where they are known (Systems Manager API Reference, "Errors" of each action).
enum DocumentError {
    static func notFound(_ name: String) -> APIError {
        APIError("InvalidDocument", "Document with name \(name) does not exist.")
    }

    static func alreadyExists(_ name: String) -> APIError {
        APIError("DocumentAlreadyExists", "Document with same name \(name) already exists")
    }

    static func invalidVersion() -> APIError {
        APIError("InvalidDocumentVersion", "The document version is not valid or does not exist.")
    }

    static func invalidContent(_ message: String) -> APIError { APIError("InvalidDocumentContent", message) }

    static func invalidSchemaVersion(_ message: String) -> APIError { APIError("InvalidDocumentSchemaVersion", message) }

    static func invalidOperation(_ message: String) -> APIError { APIError("InvalidDocumentOperation", message) }

    static func tooLarge() -> APIError {
        APIError("MaxDocumentSizeExceeded", "The size limit of a document is 64 KB.")
    }

    static func tooManyVersions() -> APIError {
        APIError(
            "DocumentVersionLimitExceeded", "The document has too many versions. Delete one or more document versions and try again.")
    }

    static func duplicateContent() -> APIError {
        APIError(
            "DuplicateDocumentContent",
            "The content of the association document matches another document. Change the content of the document and try again.")
    }

    static func duplicateVersionName() -> APIError {
        APIError("DuplicateDocumentVersionName", "The specified version name is a duplicate.")
    }

    static func builtIn(_ name: String) -> APIError {
        invalidOperation("The document \(name) is built in and can't be changed.")
    }

    static func tooManyUpdates() -> APIError {
        APIError("TooManyUpdates", "There are concurrent updates for a resource that supports one update at a time.")
    }
}

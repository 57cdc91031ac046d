import AWSProtocols

/// The errors of inventory (Systems Manager API Reference, "Errors" of each action).
enum InventoryError {
    static func invalidTypeName(_ name: String) -> APIError {
        APIError("InvalidTypeNameException", "The parameter type name is not valid: \(name).")
    }

    static func invalidContent(_ type: String, _ reason: String) -> APIError {
        APIError("InvalidItemContentException", "One or more content items of \(type) is not valid: \(reason)", fields: ["TypeName": .string(type)])
    }

    static func contentMismatch(_ type: String) -> APIError {
        APIError(
            "ItemContentMismatchException",
            "The inventory item of \(type) has no content, and its hash is not that of the content that is known. Put the item with its content.",
            fields: ["TypeName": .string(type)])
    }

    static func itemSize(_ type: String, limit: Int) -> APIError {
        APIError(
            "ItemSizeLimitExceededException", "The inventory item \(type) has exceeded the size limit of \(limit) bytes.",
            fields: ["TypeName": .string(type)])
    }

    static func totalSize(limit: Int) -> APIError {
        APIError("TotalSizeLimitExceededException", "The size of the inventory data has exceeded the total size limit of \(limit) bytes.")
    }

    static func customTypes(limit: Int) -> APIError {
        APIError("CustomSchemaCountLimitExceededException", "You have exceeded the limit of \(limit) custom inventory types.")
    }

    static func unsupportedContext(_ type: String) -> APIError {
        APIError(
            "UnsupportedInventoryItemContextException", "The Context attribute is not supported for the inventory type \(type).",
            fields: ["TypeName": .string(type)])
    }

    static func unsupportedVersion(_ type: String, _ version: String) -> APIError {
        APIError("UnsupportedInventorySchemaVersionException", "Version \(version) of inventory type \(type) is not supported.")
    }

    static func invalidFilter(_ reason: String) -> APIError {
        APIError("InvalidFilter", reason)
    }
}

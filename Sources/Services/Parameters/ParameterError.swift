import AWSProtocols

/// The errors of Parameter Store, with AWS's texts where they are known (Systems Manager API Reference, "Errors" of each action).
enum ParameterError {
    static func notFound(_ name: String) -> APIError {
        APIError("ParameterNotFound", "Parameter \(name) not found.")
    }

    static func alreadyExists() -> APIError {
        APIError(
            "ParameterAlreadyExists",
            "The parameter already exists. To overwrite this value, set the overwrite option in the request to true.")
    }

    static func versionNotFound(_ version: Int64, of name: String) -> APIError {
        APIError(
            "ParameterVersionNotFound",
            "Systems Manager could not find version \(version) of \(name). Verify the version and try again.")
    }

    static func labelNotFound(_ label: String, of name: String) -> APIError {
        APIError(
            "ParameterVersionNotFound",
            "Systems Manager could not find label \(label) of \(name). Verify the label and try again.")
    }

    static func typeMismatch() -> APIError {
        APIError(
            "HierarchyTypeMismatchException",
            """
            Parameter Store does not support changing a parameter type in a hierarchy. For example, you can't change a parameter from a \
            String type to a SecureString type. You must create a new, unique parameter.
            """)
    }

    static func tooManyLevels() -> APIError {
        APIError("HierarchyLevelLimitExceededException", "A hierarchy can have a maximum of \(ParameterName.levelLimit) levels.")
    }

    static func patternMismatch(_ pattern: String) -> APIError {
        APIError(
            "ParameterPatternMismatchException", "Parameter value, cannot be validated against allowedPattern: \(pattern)")
    }

    static func invalidPattern() -> APIError {
        APIError("InvalidAllowedPatternException", "The request does not meet the regular expression requirement.")
    }

    static func maxVersions(_ name: String, oldest: Int64) -> APIError {
        APIError(
            "ParameterMaxVersionLimitExceeded",
            """
            You attempted to create a new version of \(name) by calling the PutParameter API with the overwrite flag. Version \
            \(oldest), the oldest version, can't be deleted because it has a label associated with it. Move the label to another \
            version of the parameter, and try again.
            """)
    }

    static func tooManyLabels() -> APIError {
        APIError(
            "ParameterVersionLabelLimitExceeded",
            "A parameter version can have maximum \(ParameterLabelName.limit) labels. Move one or more labels to another version and try again.")
    }

    static func tooManyUpdates() -> APIError {
        APIError("TooManyUpdates", "There are concurrent updates for a resource that supports one update at a time.")
    }

    static func invalidToken() -> APIError {
        APIError("InvalidNextToken", "The specified token isn't valid.")
    }
}

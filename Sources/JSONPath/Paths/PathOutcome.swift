package import JSONCore

/// What a path found in a document.
package enum PathOutcome: Sendable, Hashable {
    /// The value of a definite path, or the array of matches, possibly empty, of an indefinite one.
    case value(JSONValue)
    /// A definite path led nowhere.
    case missing(MissingPath)

    /// The value found, nil when the path led nowhere.
    package var value: JSONValue? { if case .value(let value) = self { value } else { nil } }
}

/// Where and why a definite path found nothing; `description` is the reason as AWS prints it after `Invalid path '…' : `.
///
/// AWS evaluates paths with the Jayway library and shows its messages.
package enum MissingPath: Error, Sendable, Hashable {
    /// The last step found nothing; carries the whole path in bracket notation.
    case noResults(path: String)
    /// A step before the last one found no such member; carries the path up to it.
    case missingProperty(path: String)
    /// A member was asked of something that is no object.
    case notAnObject(step: String, path: String, found: JSONValue)
    /// An element was asked of something that is no array.
    case notAnArray(step: String, path: String, found: JSONValue)
    /// The variable has no value.
    case undefinedVariable(name: String)
}

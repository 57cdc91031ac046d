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
/// AWS evaluates paths with the Jayway library (2.0) and shows its messages. Paths inside are in bracket notation, `$['a'][0]`.
package enum MissingPath: Error, Sendable, Hashable {
    /// The last step found no such member; carries the whole path.
    case noResults(path: String)
    /// A step before the last one found no such member; carries the path up to it.
    case missingProperty(path: String)
    /// The last step is an index past the end of an array. AWS treats it as null where the path stands alone in a payload
    /// template, and as missing where it is an argument of an intrinsic function.
    case indexOutOfBounds(path: String)
    /// A member was asked of something that is no object; `step` is `['name']`, `path` what led there.
    case notAnObject(step: String, path: String)
    /// An element was asked of something that is no array; `step` is the rest of the path, `found` the value.
    case notAnArray(step: String, found: JSONValue)
    /// An element was asked of null; `path` is what led there.
    case nullArray(path: String)
    /// Several names in one bracket, with more steps behind; carries the path up to the bracket's end.
    case severalNamesInside(path: String)
    /// The variable has no value.
    case undefinedVariable(name: String)
}

extension MissingPath: CustomStringConvertible {
    /// The reason in the words that AWS prints.
    package var description: String {
        switch self {
        case .noResults(let path), .indexOutOfBounds(let path): "No results for path: \(path)"
        case .missingProperty(let path): "Missing property in path \(path)"
        case .notAnObject(let step, let path): "Property \(step) not found in path \(path)"
        case .notAnArray(let step, let found):
            "Filter: \(step) can only be applied to arrays. Current context is: \(JavaText.text(of: found).text)"
        case .nullArray(let path): "The path \(path) is null"
        case .severalNamesInside(let path): "Multi properties can only be used as path leafs: \(path)"
        case .undefinedVariable(let name): "The variable '\(name)' has no value"
        }
    }
}

package import JSONPath

/// `InputPath`, `OutputPath`, `ItemsPath`: which part of a document to take.
package enum PathField: Hashable, Sendable {
    /// The field is absent or `$`: all of it.
    case whole
    /// The field is null: an empty object in its place.
    case nothing
    /// What the path leads to.
    case path(Path)
}

/// `ResultPath`: where in the raw input the result is put.
package enum ResultPath: Hashable, Sendable {
    /// The field is absent or `$`: the result takes the input's place.
    case whole
    /// The field is null: the result is dropped.
    case discard
    /// The result is put at that place of the raw input.
    case path(ReferencePath)
}

/// A number that a definition gives as it stands or by a path: `TimeoutSeconds`, `HeartbeatSeconds`, `MaxConcurrency`.
package enum SecondsField: Hashable, Sendable {
    case literal(Int64)
    case path(Path)
}

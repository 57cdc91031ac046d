import JSONCore

/// The condition of a filter step `[?(…)]`.
indirect enum PathFilter: Sendable {
    case and([PathFilter])
    case or([PathFilter])
    case not(PathFilter)
    /// `@.x` alone: true when the path leads somewhere, also to null or false.
    case exists(Path)
    case comparison(PathOperand, PathComparison, PathOperand)
}

/// One side of a comparison in a filter, or an argument of a path function.
enum PathOperand: Sendable {
    case literal(JSONValue)
    /// A path from `@`, the value under test, or from `$`, the document.
    case path(Path)
}

/// The operators of Jayway's filters; a regular expression (`=~`) is refused when the path is parsed.
enum PathComparison: String, Sendable, CaseIterable {
    case equal = "=="
    case notEqual = "!="
    case identical = "==="
    case notIdentical = "!=="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
    case isIn = "in"
    case isNotIn = "nin"
    case isSubsetOf = "subsetof"
    case isAnyOf = "anyof"
    case isNoneOf = "noneof"
    case hasAll = "all"
    case contains = "contains"
    case hasSize = "size"
    case isEmpty = "empty"
}

/// A word or sign of a query, and where it begins.
struct Token: Hashable, Sendable {
    enum Kind: Hashable, Sendable {
        /// Names between dots: a property, or a keyword when it is a single name without quotes.
        case path(PropertyPath, isQuoted: Bool)
        case string(String)
        case number(String)
        case comma
        case opening
        case closing
        case star
        case comparison(Comparison)
        case end
    }

    let kind: Kind
    let place: QueryError.Place

    /// The word in upper case when this can be a keyword.
    var keyword: String? {
        guard case .path(let path, isQuoted: false) = kind, path.names.count == 1 else { return nil }
        return path.names[0].uppercased()
    }
}

/// Lists of placeholders.
enum SQLList {
    /// `(?, ?)` for two. Nothing is in an empty list.
    static func of(_ count: Int) -> String {
        count == 0 ? "(NULL)" : "(" + repeatElement("?", count: count).joined(separator: ", ") + ")"
    }
}

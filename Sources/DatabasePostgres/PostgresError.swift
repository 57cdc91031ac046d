import Store

/// What PostgreSQL's error codes (SQLSTATE; "Appendix A. PostgreSQL Error Codes" of its manual) mean to the store.
enum PostgresError {
    /// The error of a statement that the server refused. The message is the primary one, which names constraints and columns and
    /// no payload; the one with details does.
    static func refused(state: String, message: String, sql: String) -> StoreError {
        StoreError(code(state), detail: "\(message) (\(state)) in: \(sql)")
    }

    /// The kind of failure of an SQLSTATE.
    static func code(_ state: String) -> StoreError.Code {
        switch state {
        case "53100": .full
        // No privilege on a table, of class 42: the statement is right.
        case "42501": .unavailable
        default:
            switch state.prefix(2) {
            case "23": .conflict
            // Data that a column cannot hold, wrong statements, limits of the program, features that it lacks.
            case "22", "42", "54", "0A": .invalidStatement
            // "25006: read only transaction" and such: a reader that wrote, or a server that became a standby.
            case "XX": state == "XX001" || state == "XX002" ? .corrupted : .unavailable
            default: .unavailable
            }
        }
    }
}

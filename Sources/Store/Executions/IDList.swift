/// The right side of `execution IN (…)` in one of a few lengths, so that the statements that are kept prepared stay few.
struct IDList {
    /// The placeholders in parentheses.
    let sql: String
    /// The values for them; the last execution fills up the list.
    let values: [SQLValue]

    private static let lengths = [1, 4, 16, 64]
    private static let texts = lengths.map { "(" + Array(repeating: "?", count: $0).joined(separator: ", ") + ")" }

    /// The list of at most 64 executions.
    init(_ executions: [ExecutionID]) {
        precondition(executions.count <= 64)
        let index = IDList.lengths.firstIndex { $0 >= executions.count } ?? IDList.lengths.count - 1
        sql = IDList.texts[index]
        // No execution has the number -1.
        let filler = executions.last?.value ?? -1
        values = (0..<IDList.lengths[index]).map { .integer($0 < executions.count ? executions[$0].value : filler) }
    }
}

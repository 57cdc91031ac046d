import AWSProtocols
import Store
import TimeSource

/// The filters of ListCommands and ListCommandInvocations: all of them must hold.
struct CommandFilter: Sendable {
    private var invokedAfter: Timestamp?
    private var invokedBefore: Timestamp?
    private var statuses: [String] = []
    private var stages: [String] = []
    private var documents: [String] = []

    /// Reads the filters.
    /// - Throws: `InvalidFilterKey` for instants that are none.
    init(_ filters: [APIStructure]) throws(APIError) {
        for filter in filters {
            let value = filter.string("value") ?? ""
            switch filter.string("key") {
            case "InvokedAfter": invokedAfter = try CommandFilter.instant(value, "InvokedAfter")
            case "InvokedBefore": invokedBefore = try CommandFilter.instant(value, "InvokedBefore")
            case "Status": statuses.append(value)
            case "ExecutionStage":
                guard ["Executing", "Complete"].contains(value) else { throw RunCommandError.invalidFilter("ExecutionStage") }
                stages.append(value)
            case "DocumentName": documents.append(value)
            case let key: throw RunCommandError.invalidFilter(key ?? "")
            }
        }
    }

    private static func instant(_ text: String, _ key: String) throws(APIError) -> Timestamp {
        // `2021-07-07T00:00:00Z`; of a date alone its first moment.
        guard let instant = Timestamp(rfc3339: text) ?? Timestamp(rfc3339: text + "T00:00:00Z") else {
            throw RunCommandError.invalidFilter(key)
        }
        return instant
    }

    /// Whether a command passes, or an invocation with its own status.
    func matches(_ command: CommandRecord, status: String, details: String) -> Bool {
        let hasEnded = !["Pending", "InProgress", "Cancelling"].contains(status)
        return invokedAfter.map { command.requestedAt > $0 } ?? true
            && invokedBefore.map { command.requestedAt < $0 } ?? true
            && (statuses.isEmpty || statuses.contains(status) || statuses.contains(details))
            && (stages.isEmpty || stages.contains(hasEnded ? "Complete" : "Executing"))
            && (documents.isEmpty || documents.contains(command.documentName))
    }
}

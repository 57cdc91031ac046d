package import ArgumentParser

/// The operator's commands, for the executable to take in.
package enum AdminCommands {
    /// All of them, in the order of the help text.
    package static let all: [any ParsableCommand.Type] = [
        RunExecution.self, RedriveExecution.self, FollowExecution.self, ListExecutions.self, ShowHistory.self, NodeCommands.self, TailLogs.self,
        RunWorker.self, ValidateDefinitions.self, QueryDocument.self, ShowStatus.self, BackUpServer.self, ReleaseServer.self,
    ]
}

package import Store

/// The status of a command over all of its nodes (Systems Manager User Guide, "Understanding command statuses").
package struct CommandStatus: Sendable, Equatable {
    /// AWS's `CommandStatus`.
    package let status: String
    /// AWS's `StatusDetails`.
    package let details: String

    private init(_ status: String, _ details: String? = nil) {
        self.status = status
        self.details = details ?? status
    }

    /// The status of a command that is so far.
    package init(_ command: CommandRecord, _ progress: CommandProgress) {
        self =
            if command.targetCount == 0 {
                CommandStatus("Success", "NoInstancesInTag")
            } else if progress.completed < command.targetCount {
                CommandStatus.running(progress)
            } else {
                CommandStatus.ended(command, progress)
            }
    }

    private static func running(_ progress: CommandProgress) -> CommandStatus {
        if progress.isCancelled { return CommandStatus("Cancelling") }
        return progress.started == 0 && progress.completed == 0 ? CommandStatus("Pending") : CommandStatus("InProgress")
    }

    private static func ended(_ command: CommandRecord, _ progress: CommandProgress) -> CommandStatus {
        if progress.isCancelled, progress.cancelled > 0 { return CommandStatus("Cancelled") }
        if progress.errors > command.errorLimit {
            return progress.failed > 0 ? CommandStatus("Failed") : CommandStatus("TimedOut", "ExecutionTimedOut")
        }
        if progress.deliveryTimedOut > command.errorLimit { return CommandStatus("TimedOut", "DeliveryTimedOut") }
        if progress.cancelled == command.targetCount { return CommandStatus("Cancelled") }
        if progress.undelivered == command.targetCount { return CommandStatus("Failed", "Undeliverable") }
        let succeeded =
            progress.completed - progress.errors - progress.deliveryTimedOut - progress.cancelled - progress.undelivered
        return succeeded == command.targetCount ? CommandStatus("Success") : CommandStatus("Success", "Incomplete")
    }
}

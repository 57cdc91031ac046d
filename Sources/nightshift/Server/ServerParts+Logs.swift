import Services

extension ServerParts {
    /// CloudWatch Logs over the server's log store, and its housekeeping.
    mutating func addLogs() {
        LogService(store: core.logs).register(in: &registry)
        services.append(LogMaintenance(store: core.logs, clock: core.clock, hold: core.hold, logger: core.logger("logs")))
    }
}

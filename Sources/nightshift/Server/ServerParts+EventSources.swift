import APIServer
import Engine
import Services

extension ServerParts {
    /// What takes messages of queues to functions, with Lambda's operations about it. It stops before the pool of functions does.
    mutating func addEventSources(_ runner: FunctionRunner) async throws {
        let region = core.settings.api.region
        let sources = EventSources(
            database: core.database, queues: queues,
            invoker: EventSourceFunctions(directory: functions.directory, runner: runner, region: region), clock: engineClock,
            identifiers: core.identifiers, ceiling: core.settings.maximumFunctionProcesses, hold: core.hold,
            logger: core.logger("event-sources"))
        try await sources.load()
        EventSourceService(
            database: core.database, queues: queues, sources: sources, functions: functions.directory, identifiers: core.identifiers,
            region: region
        ).register(in: &registry)
        services.append(sources)
    }
}

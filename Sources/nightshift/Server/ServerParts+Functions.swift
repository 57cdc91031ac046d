import APIServer
import Engine
import Foundation
import FunctionCode
import FunctionRuntimes
import Integrations
import ServiceLifecycle
import Services

extension ServerParts {
    /// The pool of runtime processes, with the functions' logs and credentials. It stops after everything that invokes.
    mutating func addFunctionRuntimes() throws -> FunctionRunner {
        let settings = core.settings
        let logs = FunctionLogForwarder(store: core.logs, clock: core.clock, logger: core.logger("function-logs"))
        let pool = try FunctionPool(
            configuration: FunctionPoolConfiguration(
                endpointURL: core.localEndpoint, region: settings.api.region, directory: functions.folder, python: settings.python,
                user: settings.functionUser, serverEnvironment: ProcessInfo.processInfo.environment,
                maximumProcesses: settings.maximumFunctionProcesses),
            dependencies: FunctionPoolDependencies(
                clock: core.clock, identifiers: core.identifiers, credentials: functionCredentials, logSink: logs.sink,
                logger: core.logger("functions")))
        services = [logs, pool] + services
        let runner = FunctionRunner(pool).held(by: core.hold)
        deliveryPerformers.append(
            FunctionPerformer(
                invoker: FunctionEvents(directory: functions.directory, runner: runner, region: settings.api.region)))
        return runner
    }

    /// The Lambda operations, and the links to code that GetFunction hands out.
    mutating func addFunctions(_ runner: FunctionRunner, deliveries: DeliveryQueue) {
        let links = CodeLinks(clock: core.clock, random: core.random)
        FunctionService(
            FunctionService.Dependencies(
                database: core.database, vault: core.vault, directory: functions.directory, code: functions.code, links: links,
                runner: runner, deliveries: deliveries, clock: engineClock, identifiers: core.identifiers,
                region: core.settings.api.region, maximumConcurrency: core.settings.maximumFunctionProcesses)
        ).register(in: &registry)
        unsignedRoutes.append(CodeRoute.route(links: links, code: functions.code))
    }

    /// A year is longer than any process lives: its credentials end with it.
    private var functionCredentials: FunctionCredentialsProvider {
        FunctionCredentialsProvider(
            issue: { [accessKeys = core.accessKeys] function in
                let key = accessKeys.issueSession(
                    role: function.role, session: function.name, account: function.account, lifetime: .seconds(365 * 86_400))
                return FunctionCredentials(
                    accessKeyID: key.id, secretAccessKey: key.secret, sessionToken: key.sessionToken ?? "")
            },
            revoke: { [accessKeys = core.accessKeys] credentials in accessKeys.revoke(credentials.accessKeyID) })
    }
}

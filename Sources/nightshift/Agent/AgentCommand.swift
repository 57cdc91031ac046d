import Agent
import ArgumentParser
import Foundation
import Logging
import ServiceLifecycle
import UnixSignals

/// `nightshift agent`.
struct AgentCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "agent", abstract: "Run the agent: enrol this host once, then run the commands that the server sends.",
        subcommands: [
            AgentInstallCommand.self, AgentUninstallCommand.self, AgentEndJobsCommand.self,
            AgentRotateKeyCommand.self, AgentFetchContentCommand.self,
        ])

    /// Ends the agent where only an operator can help (`EX_CONFIG`): its unit does not start it again then.
    static let configurationExitCode: Int32 = 78

    @OptionGroup var options: AgentOptions

    func run() async throws {
        let configuration: AgentConfiguration
        let level: Logger.Level
        do {
            level = try options.level()
            configuration = try options.configuration(version: Version.text)
        } catch {
            throw ValidationError("\(error)")
        }
        LoggingSystem.bootstrap { label in
            var handler = StreamLogHandler.standardError(label: label)
            handler.logLevel = level
            return handler
        }
        let logger = Logger(label: "nightshift.agent")
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [
                    ServiceGroupConfiguration.ServiceConfiguration(
                        service: AgentService(configuration: configuration, logger: logger),
                        successTerminationBehavior: .gracefullyShutdownGroup)
                ], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
        do {
            try await group.run()
        } catch {
            FileHandle.standardError.write(Data("nightshift agent: \(error)\n".utf8))
            throw ExitCode((error as? AgentError)?.needsOperator == true ? Self.configurationExitCode : 1)
        }
    }
}

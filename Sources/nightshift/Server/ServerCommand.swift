import ArgumentParser
import Foundation

/// `nightshift server`.
struct ServerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "server", abstract: "Run the server: workflows, Run Command, functions, topics, schedules.")

    @OptionGroup var options: ServerOptions

    func run() async throws {
        let settings: ServerSettings
        do {
            settings = try ServerSettings(options)
        } catch {
            throw ValidationError("\(error)")
        }
        if options.checkConfig {
            print(settings.description)
            return
        }
        do {
            try await NightshiftServer(settings: settings).run()
        } catch {
            FileHandle.standardError.write(Data("nightshift server: \(error)\n".utf8))
            throw ExitCode(1)
        }
    }
}

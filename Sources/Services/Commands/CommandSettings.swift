import AWSProtocols
import Engine
import JSONCore
import Store
import Synchronization

/// What a command's request asks for beside running it.
struct CommandSettings: Sendable, Hashable {
    /// Who is told of statuses.
    let notice: CommandNotice?
    /// Where output goes as objects.
    let bucket: OutputBucket?

    init(_ command: CommandRecord) {
        let request = (try? JSONParser.parse(command.request))?.object.map { APIStructure($0) } ?? [:]
        // It was checked when the command was sent.
        notice = try? CommandNotice(request.structure("NotificationConfig"))
        bucket = OutputBucket(request)
    }
}

/// Remembers settings of commands, which never change, while their invocations do.
final class CommandSettingsCache: Sendable {
    private static let capacity = 1_000

    private let known = Mutex<[Int64: CommandSettings]>([:])

    init() {}

    /// The settings of a command.
    func settings(of command: CommandRecord) -> CommandSettings {
        if let settings = known.withLock({ $0[command.number] }) { return settings }
        let settings = CommandSettings(command)
        known.withLock { known in
            if known.count >= CommandSettingsCache.capacity { known = [:] }
            known[command.number] = settings
        }
        return settings
    }
}

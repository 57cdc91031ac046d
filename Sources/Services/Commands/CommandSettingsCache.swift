import Store
import Synchronization

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

import Engine
import Logging
import Store
import TimeSource

extension HoldGate {
    /// The gate of this data: held when it was restored from a backup and nobody has released it since.
    static func restored(from database: any Database, logger: Logger) async throws -> HoldGate {
        guard let restore = try await database.read({ try RestoreStore.last(in: $0) }) else { return HoldGate() }
        let isHeld = restore.released == nil
        if isHeld {
            logger.warning(
                "held: this data was restored from a backup; nothing leaves the server until `nightshift release`",
                metadata: [
                    "generation": "\(restore.generation)", "backup-taken-at": "\(restore.backupTakenAt.iso8601Seconds)",
                    "restored-at": "\(restore.restoredAt.iso8601Seconds)",
                ])
        }
        return HoldGate(isHeld: isHeld, generation: restore.generation)
    }
}

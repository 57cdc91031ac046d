import Engine
import Foundation
import ObjectStorage
import Services

extension ServerParts {
    /// Nightshift's own operations: backups, and the release of restored data.
    mutating func addAdministration() {
        let backups = BackupService(
            sources: BackupSources(
                database: core.databaseBackup, logs: core.logs, objects: objects.repository.files, directory: core.directory.url.path,
                generation: core.hold.generation,
                programVersion: Version.text),
            clock: core.clock, identifiers: core.identifiers, logger: core.logger("backups"))
        AdministrationService(
            database: core.database, backups: backups, hold: core.hold, clock: engineClock, programVersion: Version.text
        ).register(in: &registry)
        services.append(backups)
    }
}

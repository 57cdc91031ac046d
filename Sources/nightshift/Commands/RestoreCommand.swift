import AdminCLI
import ArgumentParser
import BackupFiles
import DatabaseSQLite
import Foundation
import FunctionCode
import Services
import Store
import TimeSource

/// `nightshift restore`: makes a data directory of a backup, whose server then starts held.
struct RestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore", abstract: "Make a data directory of a backup. Needs no server.",
        usage: "nightshift restore SOURCE --data DIRECTORY",
        discussion: """
            Every file is checked against the backup's manifest. The server that is started on the directory is held: it answers reads and \
            management calls, and sends nothing, runs nothing and fires nothing until `nightshift release`.
            """)

    @Argument(help: "The backup: a directory that `nightshift backup` has written.", completion: .directory)
    var source: String

    @Option(help: "The data directory to make; it must be missing or empty.", completion: .directory)
    var data: String

    func run() async throws {
        let source = URL(fileURLWithPath: source).path
        let data = URL(fileURLWithPath: data).path
        // As the server's own files.
        umask(0o077)
        do {
            let manifest = try await RestoreCommand.restore(source, to: data, now: LiveClock().now)
            Terminal().line(
                """
                restored \(manifest.files.count) files, \(manifest.size) bytes, of the backup of \(manifest.takenAt.iso8601Seconds)
                Start the server on it (nightshift server --data \(data)): it is held until `nightshift release`.
                """)
        } catch let error as BackupError {
            throw CommandFailure(error.description)
        } catch let error as StoreError {
            throw CommandFailure("\(data): \(error.detail)")
        } catch let error as CodeError {
            throw CommandFailure("\(data): \(error)")
        }
    }

    private static func restore(_ source: String, to data: String, now: Timestamp) async throws -> BackupManifest {
        let backup = try StoredBackup(at: source)
        let manifest = backup.manifest
        guard manifest.schemaVersion <= Migrator.head else {
            throw CommandFailure(
                "the backup has schema version \(manifest.schemaVersion), this nightshift \(Version.text) knows \(Migrator.head)",
                advice: "Restore it with nightshift \(manifest.programVersion) or a newer one.")
        }
        let folder = try RestoreFolder(at: data)
        let archives = BackupSources.codeArchives + "/"
        let code = try CodeStore(directory: data + "/functions/code")
        for file in manifest.files {
            guard file.name.hasPrefix(archives) else {
                try backup.restore(file, to: data)
                continue
            }
            // Kept packed and unpacked, as if it had been uploaded now.
            try backup.verify(file)
            guard let bytes = FileManager.default.contents(atPath: backup.path(of: file)) else {
                throw BackupError("\(backup.path(of: file)) cannot be read")
            }
            _ = try await code.add(Array(bytes))
        }
        try await beginGeneration(in: data, manifest, now: now)
        try folder.complete()
        return manifest
    }

    /// Brings the database to this program's schema and marks it as held.
    private static func beginGeneration(in data: String, _ manifest: BackupManifest, now: Timestamp) async throws {
        let path = data + "/" + BackupSources.databaseFile
        guard FileManager.default.fileExists(atPath: path) else { throw BackupError("the backup has no database") }
        let database = try await SQLiteDatabase.open(path: path)
        do {
            try await Migrator.migrate(database)
            let last = try await database.read { try RestoreStore.last(in: $0) }
            try await database.apply([
                RestoreStore.begin(
                    RestoreRecord(generation: (last?.generation ?? 0) + 1, backupTakenAt: manifest.takenAt, restoredAt: now))
            ])
        } catch {
            await database.close()
            throw error
        }
        await database.close()
    }
}

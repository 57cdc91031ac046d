package import AWSProtocols
import BackupFiles
import Foundation
import LogStorage
package import Logging
import ObjectStorage
import ServiceLifecycle
import Store
import Synchronization
package import TimeSource

/// Writes backups while the server runs, one at a time.
///
/// First the database, in steps between its commits; then the files, which only grow or are never changed, so that whatever the database
/// refers to is in them. `docs/architecture/backup.md` tells why that is consistent.
package final class BackupService: Service {
    private struct Job {
        let record: BackupRecord
        let folder: BackupFolder
    }

    private let sources: BackupSources
    private let clock: any ClockSource
    private let identifiers: IdentifierSource
    private let logger: Logger
    private let jobs: AsyncStream<Job>
    private let queue: AsyncStream<Job>.Continuation
    private let last = Mutex<BackupRecord?>(nil)

    /// A service that copies these sources.
    package init(sources: BackupSources, clock: any ClockSource, identifiers: IdentifierSource, logger: Logger) {
        self.sources = sources
        self.clock = clock
        self.identifiers = identifiers
        self.logger = logger
        (jobs, queue) = AsyncStream<Job>.makeStream()
    }

    /// The last backup of this process, nil when there was none.
    package var lastBackup: BackupRecord? { last.withLock { $0 } }

    /// Begins a backup; it goes on in the background.
    /// - Throws: what is known to be in the way at once: another backup, a destination that cannot be written.
    package func start(destination: String) async throws(APIError) -> BackupRecord {
        guard sources.database != nil else {
            throw APIError(
                "BackupNotSupportedException",
                "The data is in PostgreSQL. Back it up with PostgreSQL's own tools (pg_basebackup, or pg_dump), and copy the data directory's files."
            )
        }
        let record = BackupRecord(id: identifiers.uuid(), destination: destination, startedAt: clock.now, state: .running)
        let isFree = last.withLock { last in
            if case .running? = last?.state { return false }
            last = record
            return true
        }
        guard isFree else { throw APIError("BackupInProgressException", "Another backup is under way.") }
        do throws(BackupError) {
            let folder = try await BlockingWork.run { () throws(BackupError) in
                try BackupFolder(for: destination, tag: String(record.id.prefix(8)))
            }
            queue.yield(Job(record: record, folder: folder))
            return record
        } catch {
            end(record, .failed(reason: error.description))
            throw APIError("BackupFailedException", error.description)
        }
    }

    /// Writes what is asked for until the server stops; a backup that is under way then is given up.
    package func run() async throws {
        await cancelWhenGracefulShutdown {
            for await job in self.jobs { await self.write(job) }
        }
        queue.finish()
    }

    private func write(_ job: Job) async {
        logger.notice("backup begins", metadata: ["destination": "\(job.folder.destination)"])
        do {
            let manifest = try await copy(job)
            end(job.record, .succeeded(bytes: manifest.size, files: manifest.files.count))
            logger.notice(
                "backup is written",
                metadata: [
                    "destination": "\(job.folder.destination)", "bytes": "\(manifest.size)", "files": "\(manifest.files.count)",
                ])
        } catch {
            _ = try? await BlockingWork.run { () throws(BackupError) in job.folder.remove() }
            let reason = BackupService.reason(error)
            end(job.record, .failed(reason: reason))
            logger.error("backup failed", metadata: ["destination": "\(job.folder.destination)", "reason": "\(reason)"])
        }
    }

    private func copy(_ job: Job) async throws -> BackupManifest {
        guard let objects = sources.objects else { return try await copyAll(job) }
        // What the database's copy names must still be there when the files are copied.
        return try await objects.withoutRemoval { try await copyAll(job) }
    }

    private func copyAll(_ job: Job) async throws -> BackupManifest {
        let folder = job.folder
        let database = try await BlockingWork.run { () throws(BackupError) in try folder.path(of: BackupSources.databaseFile) }
        try await sources.database?.backUp(to: database)
        var files = [
            try await BlockingWork.run { () throws(BackupError) in try folder.takeUp(BackupSources.databaseFile) }
        ]
        try await sources.logs.withBackupFiles { [directory = sources.directory] logs in
            files += try await copy(
                logs.map { (BackupSources.logs + "/" + $0.name, directory + "/" + BackupSources.logs + "/" + $0.name, $0.length) },
                to: folder)
        }
        // An archive never changes and is not removed while the server runs.
        files += try await copy(plain: BackupSources.codeArchives, to: folder) { $0.hasSuffix(".zip") }
        // The bytes of an object never change.
        for group in sources.objects?.groupFolders ?? [] {
            files += try await copy(plain: "\(BackupSources.objects)/\(group)", to: folder) { _ in true }
        }
        files += try await copy(plain: nil, to: folder, where: BackupSources.isPlainFile)
        let manifest = BackupManifest(
            programVersion: sources.programVersion, schemaVersion: Migrator.head, generation: sources.generation,
            takenAt: job.record.startedAt, files: files)
        try Task.checkCancellation()
        try await BlockingWork.run { () throws(BackupError) in try folder.complete(manifest) }
        return manifest
    }

    /// Copies the files of a folder of the data directory, of itself for nil.
    private func copy(
        plain subfolder: String?, to backup: BackupFolder, where isWanted: (String) -> Bool
    ) async throws -> [BackupManifest.File] {
        let prefix = subfolder.map { $0 + "/" } ?? ""
        let path = sources.directory + "/" + prefix
        let names = ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).filter { name in
            var isDirectory: ObjCBool = false
            return isWanted(name) && FileManager.default.fileExists(atPath: path + name, isDirectory: &isDirectory)
                && !isDirectory.boolValue
        }
        return try await copy(names.sorted().map { (prefix + $0, path + $0, nil) }, to: backup)
    }

    private func copy(
        _ files: [(name: String, source: String, length: Int64?)], to backup: BackupFolder
    ) async throws -> [BackupManifest.File] {
        var copied: [BackupManifest.File] = []
        for start in stride(from: 0, to: files.count, by: 100) {
            try Task.checkCancellation()
            let portion = files[start..<min(start + 100, files.count)]
            copied += try await BlockingWork.run { () throws(BackupError) in
                var copied: [BackupManifest.File] = []
                // What was deleted meanwhile is not in the backup.
                for file in portion {
                    if let entry = try backup.copy(file.source, as: file.name, length: file.length) { copied.append(entry) }
                }
                return copied
            }
        }
        return copied
    }

    private func end(_ record: BackupRecord, _ state: BackupRecord.State) {
        last.withLock { last in
            last = record
            last?.state = state
            last?.endedAt = clock.now
        }
    }

    private static func reason(_ error: any Error) -> String {
        switch error {
        case let error as BackupError: error.description
        case let error as StoreError: error.detail.isEmpty ? error.description : error.detail
        case is CancellationError: "the server stopped"
        default: "\(error)"
        }
    }
}

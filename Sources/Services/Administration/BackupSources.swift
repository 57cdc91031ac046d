package import LogStorage
package import ObjectStorage
package import Store

/// What a backup is made of.
package struct BackupSources: Sendable {
    /// The database, nil when it is one that has tools of its own.
    package let database: (any DatabaseBackup)?
    /// The log store.
    package let logs: LogStore
    /// The files of objects; nil for a server without any.
    package let objects: ObjectFiles?
    /// The server's data directory.
    package let directory: String
    /// How many restores the data has behind it.
    package let generation: Int64
    /// The program's version.
    package let programVersion: String

    /// The database's file, in the data directory and in a backup.
    package static let databaseFile = "nightshift.db"
    /// The folder of the logs, in both.
    package static let logs = "logs"
    /// The folder of the objects' bytes, in both.
    package static let objects = "objects"
    /// The folder of the functions' code as it came, in both. What is unpacked of it is made again by a restore.
    package static let codeArchives = "functions/code/archives"
    /// Files that belong to the running server alone.
    private static let ownFiles: Set<String> = ["lock", "restore-incomplete"]

    /// Sources of these parts.
    package init(
        database: (any DatabaseBackup)?, logs: LogStore, objects: ObjectFiles? = nil, directory: String, generation: Int64,
        programVersion: String
    ) {
        self.database = database
        self.logs = logs
        self.objects = objects
        self.directory = directory
        self.generation = generation
        self.programVersion = programVersion
    }

    /// Whether a file of the data directory itself is backed up as it is: keys and settings, not the database, locks or what is half written.
    static func isPlainFile(_ name: String) -> Bool {
        !ownFiles.contains(name) && !name.hasPrefix(databaseFile) && !name.hasSuffix(".tmp") && !name.hasSuffix(".new")
    }
}

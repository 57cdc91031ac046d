import APIModels
import APIServer
import Engine
import Foundation
import LogStorage
import Logging
import SecretEncryption
import Services
import Store
import TimeSource

/// What every part of the server stands on: the data directory, the database, the logs, keys, clocks and models. Opened first,
/// closed last.
struct ServerCore: Sendable {
    /// The node's name; there is one node on the embedded database.
    static let node = "main"

    let settings: ServerSettings
    let directory: DataDirectory
    let clock: any ClockSource
    let random: any RandomSource
    let identifiers: IdentifierSource
    let database: any Database
    /// The database, as far as it copies itself; nil when it has tools of its own for that.
    let databaseBackup: (any DatabaseBackup)?
    /// Closed while restored data waits for its release.
    let hold: HoldGate
    let start: NodeStore.Start
    let vault: SecretVault
    let accessKeys: AccessKeyDirectory
    let logs: LogStore
    let catalogue: ModelCatalogue
    let logger: Logger

    /// Opens what is remembered, brings it to this version's schema, and takes it over from whoever had it before.
    init(settings: ServerSettings) async throws {
        self.settings = settings
        logger = Logger(label: "nightshift")
        directory = try DataDirectory(path: settings.dataDirectory)
        #if DEBUG
            PowerCut.install()
            clock = ShiftedClock.wrap(LiveClock())
        #else
            clock = LiveClock()
        #endif
        random = SystemRandomSource()
        identifiers = IdentifierSource(clock: clock, random: BufferedRandomSource(random))
        catalogue = ModelCatalogue()

        let opened = try await ServerDatabase.open(settings, embedded: directory.path(BackupSources.databaseFile))
        databaseBackup = opened as? any DatabaseBackup
        #if DEBUG
            database = CrashingDatabase.wrap(opened)
        #else
            database = opened
        #endif
        try await Migrator.migrate(database)
        start = try await NodeStore.beginIncarnation(of: ServerCore.node, in: database)
        database.setFence(NodeFence(node: ServerCore.node, incarnation: start.incarnation))
        hold = try await HoldGate.restored(from: database, logger: logger)
        var logOptions = LogStoreOptions()
        logOptions.onFatalFailure = { [logger] error in
            // What is on the disk is known again only after a restart (core rule 4).
            logger.critical("the disk under the logs failed; the server ends", metadata: ["error": "\(error)"])
            exit(1)
        }
        logs = try await LogStore.open(directory: directory.path("logs"), options: logOptions, clock: clock, random: random)

        vault = try SecretVault(masterKeyFile: directory.path("master.key"), store: AccountDataKeys(database: database))
        accessKeys = AccessKeyDirectory(database: database, vault: vault, clock: clock, identifiers: identifiers)
        if try await accessKeys.load() == 0 {
            let path = directory.path("admin-credentials")
            try await accessKeys.createKey(user: "admin", account: settings.account) { key in
                try AdminCredentials.write(key, to: path)
            }
            logger.notice("created the administrator's access key", metadata: ["file": "\(path)"])
        }
    }

    /// Closes what is remembered, after everything else has ended.
    func close() async {
        await logs.close()
        await database.close()
    }

    /// A logger of a component.
    func logger(_ component: String) -> Logger { Logger(label: "nightshift.\(component)") }

    /// The server's base address as programs on this machine reach it.
    var localEndpoint: String {
        let host = ["0.0.0.0", "::"].contains(settings.api.host) ? "127.0.0.1" : settings.api.host
        return "\(settings.api.tls == nil ? "http" : "https")://\(host.contains(":") ? "[\(host)]" : host):\(settings.api.port)"
    }
}

import DatabasePostgres
import DatabaseSQLite
import Logging
import Store

/// Where the server remembers: the only place that knows which databases there are.
enum ServerDatabase {
    /// Opens the PostgreSQL database of the settings, or the embedded one, which is created when it is missing.
    static func open(_ settings: ServerSettings, embedded path: String) async throws(StoreError) -> any Database {
        let logger = Logger(label: "nightshift.database")
        guard let url = settings.database else {
            return try await SQLiteDatabase.open(path: path) { duration in
                logger.warning("slow commit: the disk is slow or busy", metadata: ["milliseconds": "\(duration / .milliseconds(1))"])
            }
        }
        return try await PostgresDatabase.open(PostgresConfiguration(url: url), logger: logger)
    }
}

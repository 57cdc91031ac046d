/// How a PostgreSQL database is used.
package struct PostgresConfiguration: Sendable {
    /// Where it is.
    package var url: PostgresURL
    /// How many reads run side by side, each on a connection of its own. The writer has one more.
    package var readers = 4
    /// How often the writer tries to connect again before it fails what waits; the pauses grow to a second, so 30 is about
    /// half a minute: a server that is started again is back by then.
    package var reconnections = 30

    /// The database at this URL, everything else as usual.
    package init(url: PostgresURL) {
        self.url = url
    }
}

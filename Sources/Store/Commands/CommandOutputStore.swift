/// The output of commands: how far each stream has arrived, and its beginning.
///
/// All of it goes to the log, where the command asks for that; the database keeps only what the API shows.
package enum CommandOutputStore {
    /// One stream of one step of one attempt.
    package struct StreamKey: Sendable, Hashable {
        /// The invocation.
        package let invocation: InvocationRecord.Key
        /// The attempt.
        package let attempt: Int
        /// The step, from 0.
        package let step: Int
        /// `stdout` or `stderr`.
        package let stream: String

        /// A stream.
        package init(invocation: InvocationRecord.Key, attempt: Int, step: Int, stream: String) {
            self.invocation = invocation
            self.attempt = attempt
            self.step = step
            self.stream = stream
        }

        var values: [SQLValue] {
            [
                .integer(invocation.command), .text(invocation.node), .integer(attempt), .integer(step), .text(stream),
            ]
        }
    }

    /// How far a stream has arrived.
    package struct Position: Sendable, Hashable {
        /// All bytes below are stored and acknowledged.
        package var received: Int64
        /// All bytes below are in the log, as whole lines.
        package var logged: Int64
        /// The bytes between the two: the beginning of a line.
        package var unlogged: [UInt8]

        /// A position.
        package init(received: Int64, logged: Int64, unlogged: [UInt8]) {
            self.received = received
            self.logged = logged
            self.unlogged = unlogged
        }

        /// Before the first byte.
        package static let start = Position(received: 0, logged: 0, unlogged: [])
    }

    /// Moves a stream on. A conflict when somebody else did, who read the same position.
    package static func advance(_ key: StreamKey, from old: Position?, to new: Position) -> Statement {
        guard let old else {
            return Statement(
                """
                INSERT INTO command_stream (command, node, attempt, step, stream, received, logged, unlogged)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """, key.values + [.integer(new.received), .integer(new.logged), .blob(new.unlogged)])
        }
        return Statement(
            """
            UPDATE command_stream SET received = ?, logged = ?, unlogged = ?
            WHERE command = ? AND node = ? AND attempt = ? AND step = ? AND stream = ? AND received = ? AND logged = ?
            """,
            [.integer(new.received), .integer(new.logged), .blob(new.unlogged)] + key.values
                + [.integer(old.received), .integer(old.logged)], expecting: .changes(1))
    }

    /// Keeps bytes for the API to show. A piece that is there already is a conflict.
    package static func keep(_ bytes: [UInt8], at offset: Int64, of key: StreamKey) -> Statement {
        Statement(
            """
            INSERT INTO command_output (command, node, attempt, step, stream, start_offset, bytes) VALUES (?, ?, ?, ?, ?, ?, ?)
            """, key.values + [.integer(offset), .blob(bytes)])
    }

    /// How far a stream has arrived; nil when nothing has.
    package static func position(
        of key: StreamKey, in transaction: any ReadTransaction
    ) throws(StoreError) -> Position? {
        let row = try transaction.row(
            """
            SELECT received, logged, unlogged FROM command_stream
            WHERE command = ? AND node = ? AND attempt = ? AND step = ? AND stream = ?
            """, key.values)
        guard let row else { return nil }
        return Position(received: try row.integer(0), logged: try row.integer(1), unlogged: try row.blob(2))
    }

    /// The streams of an attempt that have output, with their positions.
    package static func streams(
        of invocation: InvocationRecord.Key, attempt: Int, in transaction: any ReadTransaction
    ) throws(StoreError) -> [(key: StreamKey, position: Position)] {
        var streams: [(key: StreamKey, position: Position)] = []
        for row in try transaction.rows(
            """
            SELECT step, stream, received, logged, unlogged FROM command_stream WHERE command = ? AND node = ? AND attempt = ?
            """, [.integer(invocation.command), .text(invocation.node), .integer(attempt)])
        {
            let key = StreamKey(
                invocation: invocation, attempt: attempt, step: Int(try row.integer(0)), stream: try row.text(1))
            streams.append(
                (key, Position(received: try row.integer(2), logged: try row.integer(3), unlogged: try row.blob(4))))
        }
        return streams
    }

    /// The beginning of a stream, as far as it is kept.
    package static func kept(of key: StreamKey, in transaction: any ReadTransaction) throws(StoreError) -> [UInt8] {
        var bytes: [UInt8] = []
        for row in try transaction.rows(
            """
            SELECT bytes FROM command_output
            WHERE command = ? AND node = ? AND attempt = ? AND step = ? AND stream = ? ORDER BY start_offset
            """, key.values)
        {
            bytes += try row.blob(0)
        }
        return bytes
    }
}

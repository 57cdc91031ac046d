package import TimeSource

/// The node's own row: its incarnation, its batch number, and the high-water mark of engine time.
package enum NodeStore {
    /// What a start of the node found and set.
    package struct Start: Sendable, Hashable {
        /// This start's incarnation: one more than the last.
        package let incarnation: Int64
        /// Engine time never goes below this.
        package let engineTime: Timestamp
        /// The largest id that an execution has; no new one may go below, whatever the wall clock says. Nil when there is none.
        package let lastExecution: ExecutionID?
    }

    /// Begins a new incarnation of the node; whoever held the last one is fenced from here on. One transaction.
    package static func beginIncarnation(of node: String, in database: any Database) async throws -> Start {
        // Another process may start the same node at the same moment; the slower one looks again.
        while true {
            let row = try await database.read { transaction in
                try transaction.row("SELECT incarnation, engine_time FROM node WHERE node = ?", [.text(node)])
            }
            let last = try row?.integer(0) ?? 0
            let engineTime = Timestamp(milliseconds: try row?.integer(1) ?? 0)
            guard try await applied(begin(node, after: last), in: database) else { continue }
            // Only now: the former incarnation can add none any more.
            let largest = try await database.read { try $0.row("SELECT MAX(id) FROM execution", [])?.values[0].integer }
            return Start(incarnation: last + 1, engineTime: engineTime, lastExecution: largest.map(ExecutionID.init(value:)))
        }
    }

    private static func begin(_ node: String, after last: Int64) -> Statement {
        last == 0
            ? Statement("INSERT INTO node (node, incarnation, batch_seq, engine_time) VALUES (?, 1, 0, 0)", [.text(node)])
            : Statement(
                "UPDATE node SET incarnation = ?, batch_seq = 0 WHERE node = ? AND incarnation = ?",
                [.integer(last + 1), .text(node), .integer(last)], expecting: .changes(1))
    }

    private static func applied(_ statement: Statement, in database: any Database) async throws -> Bool {
        do {
            try await database.apply([statement])
            return true
        } catch where error.code == .conflict {
            return false
        }
    }

    /// Remembers that engine time has reached this instant.
    package static func recordEngineTime(_ instant: Timestamp, of node: String) -> Statement {
        Statement(
            "UPDATE node SET engine_time = ? WHERE node = ? AND engine_time < ?",
            [.integer(instant.milliseconds), .text(node), .integer(instant.milliseconds)])
    }
}

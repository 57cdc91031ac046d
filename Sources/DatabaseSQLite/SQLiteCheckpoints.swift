import Store

/// When the write-ahead log is moved into the database file, and how it is kept short under a load that never rests.
///
/// Moving happens beside the writer, on the checkpointer's own connection, in steps that keep the disk free for commits. What the
/// writer adds meanwhile can never be caught up with that way, and the log begins anew only when nothing of it is left: so from a
/// certain length on the writer itself is asked to move the little that is left. Beginning anew also makes commits cheaper, as
/// the file's blocks are there already. Belongs to the checkpointer's thread.
struct SQLiteCheckpoints {
    /// So many frames are moved at once: 8 MiB of pages, of which many are the same.
    private static let step = 2_048
    /// From so many frames on the log is to begin anew: 64 MiB.
    private static let longLog = 16_384
    /// The writer moves so many frames at most: a few milliseconds.
    private static let rest = 512

    private let connection: SQLiteConnection
    private let writer: SQLiteWriter
    /// Frames in the log, as far as is known.
    private var length = 0
    /// Frames of it that are in the database file.
    private var moved = 0

    init(connection: SQLiteConnection, writer: SQLiteWriter) {
        self.connection = connection
        self.writer = writer
    }

    /// True when there is nothing to move.
    var isDone: Bool { moved >= length }

    /// Moves when enough was added, or when nothing was added for a while: `newLength` is nil then.
    mutating func logHasGrown(to newLength: Int?) {
        if let newLength {
            // Shorter than what was moved: it has begun anew.
            if newLength < moved { moved = 0 }
            length = newLength
            guard length - moved >= SQLiteCheckpoints.step else { return }
        }
        move()
        guard length >= SQLiteCheckpoints.longLog else { return }
        // The second time there is only what came during the first.
        for _ in 0..<3 where length - moved > SQLiteCheckpoints.rest { move() }
        writer.finishCheckpoint()
    }

    /// The last move, when no more is written.
    mutating func end() {
        move()
    }

    private mutating func move() {
        guard let (log, done) = try? connection.checkpoint() else {
            // Tried again with the next commit; a disk that is full says so there.
            moved = length
            return
        }
        length = max(0, log)
        moved = max(0, done)
    }
}

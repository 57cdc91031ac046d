extension CommandOutputStore {
    /// How far each stream of a command has arrived on the nodes from `first` to `last`, ordered by node, step and stream.
    package static func lengths(
        of command: Int64, from first: String, to last: String, in transaction: any ReadTransaction
    ) throws(StoreError) -> [(node: String, attempt: Int, step: Int, stream: String, length: Int64)] {
        var lengths: [(node: String, attempt: Int, step: Int, stream: String, length: Int64)] = []
        for row in try transaction.rows(
            """
            SELECT node, attempt, step, stream, received FROM command_stream
            WHERE command = ? AND node >= ? AND node <= ? ORDER BY node, attempt, step, stream
            """, [.integer(command), .text(first), .text(last)])
        {
            lengths.append(
                (try row.text(0), Int(try row.integer(1)), Int(try row.integer(2)), try row.text(3), try row.integer(4)))
        }
        return lengths
    }

    /// The kept bytes of a stream that lie behind an offset, with where they begin; nil when none do.
    package static func kept(
        of key: StreamKey, behind offset: Int64, in transaction: any ReadTransaction
    ) throws(StoreError) -> (offset: Int64, bytes: [UInt8])? {
        for row in try transaction.rows(
            """
            SELECT start_offset, bytes FROM command_output
            WHERE command = ? AND node = ? AND attempt = ? AND step = ? AND stream = ? ORDER BY start_offset
            """, key.values)
        {
            let start = try row.integer(0)
            let bytes = try row.blob(1)
            guard start + Int64(bytes.count) > offset else { continue }
            return start >= offset ? (start, bytes) : (offset, Array(bytes[Int(offset - start)...]))
        }
        return nil
    }
}

import Synchronization

/// A file of the store, as a backup takes it.
package struct LogStoreFile: Sendable, Hashable {
    /// Its path inside the store's directory.
    package let name: String
    /// How many of its bytes belong to the backup; nil for all of them.
    package let length: Int64?
}

extension LogStore {
    /// Lists the files that hold everything that was taken in so far, lets `body` copy them, and keeps retention from removing any of
    /// them meanwhile. A group or stream that a client deletes takes its files with it all the same.
    ///
    /// Segments only grow, so their first bytes are the store as it is now, whenever they are copied.
    package func withBackupFiles(_ body: ([LogStoreFile]) async throws -> Void) async throws {
        backups.withLock { $0 += 1 }
        defer { backups.withLock { $0 -= 1 } }
        try await body(try await backupFiles())
    }

    private func backupFiles() async throws(LogStoreError) -> [LogStoreFile] {
        // On the writer's thread nothing is half done.
        let groups = try await change { writer throws(LogStoreError) in
            writer.catalogue.update { contents in Array(contents.groups.values) }
        }
        let prefix = paths.root.utf8.count + 1
        func name(_ path: String) -> String { String(decoding: path.utf8.dropFirst(prefix), as: UTF8.self) }
        return groups.flatMap { group in
            [LogStoreFile(name: name(paths.groupFile(group.number)), length: nil)]
                + group.streams.values.flatMap { stream in
                    stream.segments.map { segment in
                        let key = SegmentKey(group: group.number, stream: stream.number, segment: segment.number)
                        return LogStoreFile(name: name(paths.segment(key)), length: segment.length)
                    }
                }
        }
    }
}

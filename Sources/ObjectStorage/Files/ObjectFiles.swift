package import TimeSource

/// The files that objects' bytes lie in: written once, never changed, removed when no row names them any more.
package final class ObjectFiles: Sendable {
    /// Where they are.
    let folder: ObjectFolder
    /// Removes them.
    let removal: FileRemoval
    private let diskPool: WorkPool
    private let digestPool: WorkPool
    private let random: any RandomSource
    /// The first digits of the ids of files that this process makes; `OrphanSweep` leaves those alone.
    let era: String

    /// Opens the files in a folder, making it when it is missing.
    /// - Parameter digestThreads: how many threads compute; as many as the machine has processors.
    package static func open(
        directory: String, digestThreads: Int, random: any RandomSource
    ) async throws(ObjectFileError) -> ObjectFiles {
        let diskPool = WorkPool(name: "objects-disk", threads: 8)
        let folder = try await diskPool.run { () throws(ObjectFileError) in try ObjectFolder(opening: directory) }
        return ObjectFiles(
            folder: folder, diskPool: diskPool, digestPool: WorkPool(name: "objects-digest", threads: max(2, digestThreads)),
            random: random)
    }

    private init(folder: ObjectFolder, diskPool: WorkPool, digestPool: WorkPool, random: any RandomSource) {
        self.folder = folder
        self.diskPool = diskPool
        self.digestPool = digestPool
        self.random = random
        era = HexText.text(random.bytes(4))
        removal = FileRemoval(folder: folder, pool: diskPool)
    }

    /// Ends the threads. Whoever reads and writes has ended before.
    package func close() {
        diskPool.close()
        digestPool.close()
    }

    /// Writes a file of the bytes that `next` gives until it gives nil. It is on the disk when this returns, and nobody's: it becomes an
    /// object's with its row, or is thrown away by `discard`.
    ///
    /// Whatever `next` throws is thrown on; then nothing is left of the file.
    package func write(
        checksums algorithms: [ChecksumAlgorithm], _ next: () async throws -> [UInt8]?
    ) async throws -> WrittenFile {
        let writer = ObjectFileWriter(
            id: newID(), folder: folder, algorithms: algorithms, diskPool: diskPool, digestPool: digestPool)
        do {
            while let piece = try await next() { try await writer.write(piece) }
            return try await writer.finish()
        } catch {
            writer.abandon()
            throw error
        }
    }

    /// Makes a second file of the same bytes without copying them; nil where the file system cannot.
    package func duplicate(_ id: String) async throws(ObjectFileError) -> String? {
        let copy = newID()
        return try await diskPool.run { [folder] () throws(ObjectFileError) in try folder.link(id, as: copy) ? copy : nil }
    }

    /// Removes files that became nobody's.
    package func discard(_ ids: [String], of owner: String) {
        removal.remove(ids, of: owner)
    }

    /// Opens the bytes of an object for reading. They stay as long as the reader is referenced.
    /// - Parameters:
    ///   - owner: the id of the object.
    ///   - segments: its files, in order.
    /// - Throws: `.gone` when they were removed since the object's row was read.
    package func open(_ owner: String, segments: [ObjectReader.Segment]) async throws(ObjectFileError) -> ObjectReader {
        guard removal.hold(owner) else { throw .gone }
        let reader = ObjectReader(owner: owner, segments: segments, folder: folder, pool: diskPool, removal: removal)
        // Files of an object go together, and none goes from here on: the first says for all whether they are there.
        try await reader.checkFirst()
        return reader
    }

    /// The folders that the files lie in, relative to that of the objects: for backups.
    package var groupFolders: [String] { folder.groups.map { "files/\($0)" } }

    /// While this runs no file is removed: for backups, which copy what the rows of a moment ago name.
    package func withoutRemoval<Value>(_ body: () async throws -> Value) async rethrows -> Value {
        removal.pause()
        defer { removal.resume() }
        return try await body()
    }

    /// Does something with the folder on a thread that may wait for the disk.
    func onDisk<Value: Sendable>(
        _ body: @escaping @Sendable (ObjectFolder) throws(ObjectFileError) -> Value
    ) async throws(ObjectFileError) -> Value {
        try await diskPool.run { [folder] () throws(ObjectFileError) in try body(folder) }
    }

    private func newID() -> String { era + HexText.text(random.bytes(12)) }
}

import CObjectFiles
import Synchronization

/// Writes one file of an object: the disk, MD5 and the checksum each take the pieces in their own line, side by side, a few pieces at a
/// time. Small files are done in one go.
final class ObjectFileWriter: Sendable {
    /// What is collected before the lines get it.
    static let pieceSize = 512 << 10
    /// How many pieces are held at once.
    private static let piecesAhead = 4
    /// After so many bytes the kernel is told to begin with the disk, so that the synchronisation at the end is short.
    private static let writebackStep: Int64 = 8 << 20

    private struct Disk {
        var file: FileDescriptor?
        var written: Int64 = 0
        var handedToDisk: Int64 = 0
        var failure: ObjectFileError?
    }

    private struct Flow {
        var credits = ObjectFileWriter.piecesAhead
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let id: String
    private let folder: ObjectFolder
    private let algorithms: [ChecksumAlgorithm]
    private let diskPool: WorkPool
    private let disk: WorkLine
    private let md5Line: WorkLine
    private let checksumLine: WorkLine
    // Each is touched by the jobs of one line, which run one after the other; the locks are never waited for.
    private let file = Mutex(Disk())
    private let md5 = Mutex(RunningDigest.newMD5)
    private let checksums: Mutex<[RunningDigest]>
    private let flow = Mutex(Flow())
    /// Collected for the next piece; touched by the one task that writes.
    private let collected = Mutex<[UInt8]>([])
    private let hasBegun = Mutex(false)

    /// A writer of a new file.
    init(id: String, folder: ObjectFolder, algorithms: [ChecksumAlgorithm], diskPool: WorkPool, digestPool: WorkPool) {
        self.id = id
        self.folder = folder
        self.algorithms = algorithms
        self.diskPool = diskPool
        disk = WorkLine(diskPool)
        md5Line = WorkLine(digestPool)
        checksumLine = WorkLine(digestPool)
        checksums = Mutex(algorithms.map(RunningDigest.init))
    }

    /// Takes the next bytes, and waits while too many are under way.
    func write(_ piece: [UInt8]) async throws(ObjectFileError) {
        let ready = collected.withLock { collected -> [UInt8]? in
            if collected.isEmpty, piece.count >= ObjectFileWriter.pieceSize / 2 { return piece }
            collected += piece
            guard collected.count >= ObjectFileWriter.pieceSize else { return nil }
            defer { collected = [] }
            return collected
        }
        guard let ready else { return }
        try await hand(ready)
    }

    /// Ends the file: all bytes, and its name, are on the disk when this returns.
    func finish() async throws(ObjectFileError) -> WrittenFile {
        let rest = collected.withLock { collected in
            defer { collected = [] }
            return collected
        }
        guard hasBegun.withLock({ $0 }) else { return try await finishSmall(rest) }
        if !rest.isEmpty { try await hand(rest) }
        await withCheckedContinuation { continuation in md5Line.add { continuation.resume() } }
        await withCheckedContinuation { continuation in checksumLine.add { continuation.resume() } }
        return try await end()
    }

    /// Throws away what was written, once nothing is under way.
    func abandon() {
        disk.add { [self] in
            let isOpen = file.withLock { disk in
                defer { disk.file = nil }
                return disk.file != nil
            }
            if isOpen { removeIncoming() }
        }
    }

    // MARK: In one go

    private func finishSmall(_ bytes: [UInt8]) async throws(ObjectFileError) -> WrittenFile {
        try await diskPool.run { [self] () throws(ObjectFileError) in
            do throws(ObjectFileError) {
                let file = try FileDescriptor(creating: folder.incoming(id))
                try file.append(bytes)
                try file.synchronise()
                try folder.publish(id)
            } catch {
                removeIncoming()
                throw error
            }
            md5.withLock { $0.update(bytes) }
            updateChecksums(bytes)
            return result(size: Int64(bytes.count))
        }
    }

    // MARK: In lines

    private func hand(_ piece: [UInt8]) async throws(ObjectFileError) {
        if let failure = file.withLock({ $0.failure }) { throw failure }
        await credit()
        hasBegun.withLock { $0 = true }
        // The piece is done when the last of the lines has done it.
        let lines = CountDown(algorithms.isEmpty ? 2 : 3)
        disk.add { [self] in
            append(piece)
            if lines.isLast() { giveBack() }
        }
        md5Line.add { [self] in
            md5.withLock { $0.update(piece) }
            if lines.isLast() { giveBack() }
        }
        guard !algorithms.isEmpty else { return }
        checksumLine.add { [self] in
            updateChecksums(piece)
            if lines.isLast() { giveBack() }
        }
    }

    private func append(_ piece: [UInt8]) {
        file.withLock { disk in
            guard disk.failure == nil else { return }
            do throws(ObjectFileError) {
                let file = if let open = disk.file { open } else { try FileDescriptor(creating: folder.incoming(id)) }
                disk.file = file
                try file.append(piece)
                disk.written += Int64(piece.count)
                guard disk.written - disk.handedToDisk >= ObjectFileWriter.writebackStep else { return }
                cobjectfiles_begin_writeback(file.number, disk.handedToDisk, disk.written - disk.handedToDisk)
                disk.handedToDisk = disk.written
            } catch {
                disk.failure = error
            }
        }
    }

    private func end() async throws(ObjectFileError) -> WrittenFile {
        let result: Result<WrittenFile, ObjectFileError> = await withCheckedContinuation { continuation in
            disk.add { [self] in
                continuation.resume(
                    returning: file.withLock { disk in
                        do throws(ObjectFileError) {
                            if let failure = disk.failure { throw failure }
                            try disk.file?.synchronise()
                            try folder.publish(id)
                            disk.file = nil
                            return .success(self.result(size: disk.written))
                        } catch {
                            return .failure(error)
                        }
                    })
            }
        }
        return try result.get()
    }

    private func result(size: Int64) -> WrittenFile {
        let values = checksums.withLock { $0.map(\.value) }
        return WrittenFile(
            id: id, size: size, md5: md5.withLock { $0.value },
            checksums: zip(algorithms, values).map { ObjectChecksum($0, value: $1) })
    }

    private func updateChecksums(_ bytes: [UInt8]) {
        checksums.withLock { digests in
            for index in digests.indices { digests[index].update(bytes) }
        }
    }

    private func removeIncoming() {
        folder.removeIncoming(id)
    }

    // MARK: Credits

    /// Waits until a piece may be handed over.
    private func credit() async {
        await withCheckedContinuation { continuation in
            let isFree = flow.withLock { flow in
                guard flow.credits == 0 else {
                    flow.credits -= 1
                    return true
                }
                flow.waiter = continuation
                return false
            }
            if isFree { continuation.resume() }
        }
    }

    private func giveBack() {
        let waiter = flow.withLock { flow -> CheckedContinuation<Void, Never>? in
            guard let waiter = flow.waiter else {
                flow.credits += 1
                return nil
            }
            flow.waiter = nil
            return waiter
        }
        waiter?.resume()
    }
}

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A file operation, as fault injection names it.
enum FileOperation: Sendable {
    case open, write, truncate, synchronise, rename
}

/// Decides in tests which operation fails, with which `errno`.
typealias FileFaults = @Sendable (FileOperation, String) -> Int32?

/// A system call on a file that failed.
struct FileFailure: Error {
    /// The system call.
    let call: String
    /// What it was called for.
    let path: String
    /// The `errno`.
    let number: Int32

    /// Whether the reason is that there is no such file.
    var isMissing: Bool { number == ENOENT }

    /// The failure in the store's terms.
    func asLogStoreError(outcome: LogStoreError.Outcome = .notApplied) -> LogStoreError {
        let isFull = number == ENOSPC || number == EDQUOT || number == EFBIG
        let reason = String(cString: strerror(number))
        return LogStoreError(
            isFull ? .storageFull : .ioFailure, "\(call) of \(path) failed: \(reason)", outcome: outcome)
    }
}

/// The few blocking file operations that the store needs; each retries when a signal interrupts it.
struct FileSystem: Sendable {
    /// Makes operations fail in tests.
    let faults: FileFaults?

    /// Opens a file for reading; `create` makes one that must not exist yet.
    func open(_ path: String, create: Bool = false, writable: Bool = false) throws(FileFailure) -> OpenFile {
        try check(.open, "open", path)
        let flags = O_CLOEXEC | (writable || create ? O_RDWR : O_RDONLY) | (create ? O_CREAT | O_EXCL : 0)
        let descriptor = try Self.retry("open", path) { openFile(path, flags, 0o600) }
        return OpenFile(descriptor: descriptor, path: path, fileSystem: self)
    }

    /// The length of a file that need not be opened for it.
    func size(_ path: String) throws(FileFailure) -> Int64 {
        var status = stat()
        _ = try Self.retry("stat", path) { stat(path, &status) }
        return Int64(status.st_size)
    }

    /// Puts `bytes` in the place of the file at `path`, on the disk and whole: a crash leaves the old content or the new.
    func replace(_ path: String, with bytes: [UInt8], in directory: String) throws(FileFailure) {
        let temporary = path + ".new"
        _ = unlink(temporary)
        let file = try open(temporary, create: true)
        do throws(FileFailure) {
            try file.write(bytes, at: 0)
            try file.synchronise()
            try rename(temporary, to: path)
        } catch {
            _ = unlink(temporary)
            throw error
        }
        try synchroniseDirectory(directory)
    }

    /// Whether there is a file.
    func exists(_ path: String) throws(FileFailure) -> Bool {
        do throws(FileFailure) {
            _ = try size(path)
            return true
        } catch {
            guard error.isMissing else { throw error }
            return false
        }
    }

    /// Gives a file another name, replacing what had it.
    func rename(_ path: String, to destination: String) throws(FileFailure) {
        try check(.rename, "rename", path)
        _ = try Self.retry("rename", path) { renameFile(path, destination) }
    }

    /// Creates a directory and its parents with mode 0700; one that exists is left as it is.
    func createDirectory(_ path: String) throws(FileFailure) {
        if mkdir(path, 0o700) == 0 || errno == EEXIST { return }
        let number = errno
        guard number == ENOENT, let slash = path.lastIndex(of: "/"), slash != path.startIndex else {
            throw FileFailure(call: "mkdir", path: path, number: number)
        }
        try createDirectory(String(path[..<slash]))
        if mkdir(path, 0o700) != 0, errno != EEXIST { throw FileFailure(call: "mkdir", path: path, number: errno) }
    }

    /// Makes creations, renames and removals in a directory survive a power failure.
    func synchroniseDirectory(_ path: String) throws(FileFailure) {
        try check(.synchronise, "fsync", path)
        let descriptor = try Self.retry("open", path) { openFile(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        defer { close(descriptor) }
        _ = try Self.retry("fsync", path) { fsync(descriptor) }
    }

    /// The names in a directory, `.` and `..` left out, in no order.
    func list(_ path: String) throws(FileFailure) -> [String] {
        guard let directory = opendir(path) else { throw FileFailure(call: "opendir", path: path, number: errno) }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    /// Removes a file; one that is missing is as good as removed.
    func remove(_ path: String) throws(FileFailure) {
        do throws(FileFailure) {
            _ = try Self.retry("unlink", path) { unlink(path) }
        } catch {
            guard error.isMissing else { throw error }
        }
    }

    /// Removes a directory that holds nothing but files.
    func removeDirectory(_ path: String) throws(FileFailure) {
        for name in try list(path) { try remove(path + "/" + name) }
        _ = try Self.retry("rmdir", path) { rmdir(path) }
    }

    /// Fails when a test wants this operation to.
    func check(_ operation: FileOperation, _ call: String, _ path: String) throws(FileFailure) {
        if let number = faults?(operation, path) { throw FileFailure(call: call, path: path, number: number) }
    }

    /// Repeats a system call while signals interrupt it.
    static func retry<Value: SignedInteger>(
        _ call: String, _ path: String, _ body: () -> Value
    ) throws(FileFailure) -> Value {
        while true {
            let value = body()
            if value >= 0 { return value }
            let number = errno
            guard number == EINTR else { throw FileFailure(call: call, path: path, number: number) }
        }
    }
}

/// An open file, closed with its last reference.
final class OpenFile: Sendable {
    private let descriptor: Int32
    private let path: String
    private let fileSystem: FileSystem

    fileprivate init(descriptor: Int32, path: String, fileSystem: FileSystem) {
        (self.descriptor, self.path, self.fileSystem) = (descriptor, path, fileSystem)
    }

    deinit { close(descriptor) }

    /// The file's length.
    var size: Int64 {
        get throws(FileFailure) {
            var status = stat()
            _ = try FileSystem.retry("fstat", path) { fstat(descriptor, &status) }
            return Int64(status.st_size)
        }
    }

    /// Writes all bytes; after a failure some of them may be there.
    func write(_ bytes: [UInt8], at offset: Int64) throws(FileFailure) {
        try fileSystem.check(.write, "pwrite", path)
        var written = 0
        while written < bytes.count {
            let count = try FileSystem.retry("pwrite", path) {
                bytes.withUnsafeBytes { buffer in
                    pwrite(descriptor, buffer.baseAddress.map { $0 + written }, buffer.count - written, off_t(offset) + off_t(written))
                }
            }
            written += count
        }
    }

    /// Reads up to `count` bytes, fewer only at the end of the file.
    func read(_ count: Int, at offset: Int64) throws(FileFailure) -> [UInt8] {
        var failure: FileFailure?
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, length in
            length = 0
            while length < count {
                do throws(FileFailure) {
                    let got = try FileSystem.retry("pread", path) {
                        pread(descriptor, buffer.baseAddress.map { $0 + length }, count - length, off_t(offset) + off_t(length))
                    }
                    guard got > 0 else { return }
                    length += got
                } catch {
                    failure = error
                    return
                }
            }
        }
        if let failure { throw failure }
        return bytes
    }

    /// Cuts the file off.
    func truncate(to length: Int64) throws(FileFailure) {
        try fileSystem.check(.truncate, "ftruncate", path)
        _ = try FileSystem.retry("ftruncate", path) { ftruncate(descriptor, off_t(length)) }
    }

    /// Waits until content and length are on the disk.
    func synchronise() throws(FileFailure) {
        try fileSystem.check(.synchronise, "fdatasync", path)
        _ = try FileSystem.retry("fdatasync", path) { fdatasync(descriptor) }
    }
}

// The C functions under names that the methods above do not hide.
private func openFile(_ path: String, _ flags: Int32, _ mode: mode_t = 0) -> Int32 { open(path, flags, mode) }
private func renameFile(_ path: String, _ destination: String) -> Int32 { rename(path, destination) }

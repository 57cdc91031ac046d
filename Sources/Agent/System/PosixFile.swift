import Glibc

/// The few file operations of the agent, each durable where it says so. They block; see `BlockingExecutor`.
enum PosixFile {
    /// Makes a directory and its missing parents, mode 0700.
    static func makeDirectory(_ path: String) throws(SystemError) {
        if mkdir(path, 0o700) == 0 || errno == EEXIST { return }
        guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash != path.startIndex else {
            throw SystemError("create \(path)")
        }
        try makeDirectory(String(path[..<slash]))
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw SystemError("create \(path)") }
    }

    /// The whole file, or nil when there is none.
    static func read(_ path: String) throws(SystemError) -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        if file < 0, errno == ENOENT { return nil }
        guard file >= 0 else { throw SystemError("open \(path)") }
        defer { close(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16 * 1024)
        while true {
            let count = Glibc.read(file, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw SystemError("read \(path)") }
            if count == 0 { return bytes }
            bytes.append(contentsOf: buffer[..<count])
        }
    }

    /// Replaces or creates `directory/name`, mode 0600, so that after a crash there is the old or the new content, never
    /// less: temporary file, fsync, rename, fsync of the directory.
    static func writeDurably(_ bytes: [UInt8], to name: String, in directory: String) throws(SystemError) {
        let temporary = "\(directory)/\(name).tmp"
        try write(bytes, to: temporary)
        guard rename(temporary, "\(directory)/\(name)") == 0 else { throw SystemError("rename \(temporary)") }
        try syncDirectory(directory)
    }

    /// Creates `directory/name`, mode 0600. After a crash there may be a part of it: for content that shows whether it is whole.
    static func createDurably(_ bytes: [UInt8], at name: String, in directory: String) throws(SystemError) {
        try write(bytes, to: "\(directory)/\(name)")
        try syncDirectory(directory)
    }

    /// Adds to a file, mode 0600, which is created where it is missing. Not durable, but safe from the end of the process.
    static func append(_ bytes: [UInt8], to path: String) throws(SystemError) {
        let file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw SystemError("open \(path)") }
        defer { close(file) }
        try write(bytes, to: file, path)
    }

    /// Writes a file and syncs it.
    private static func write(_ bytes: [UInt8], to path: String) throws(SystemError) {
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw SystemError("create \(path)") }
        defer { close(file) }
        try write(bytes, to: file, path)
        guard fsync(file) == 0 else { throw SystemError("sync \(path)") }
    }

    private static func write(_ bytes: [UInt8], to file: Int32, _ path: String) throws(SystemError) {
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress?.advanced(by: done), $0.count - done) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw SystemError("write \(path)") }
            done += count
        }
    }

    /// Makes the names in a directory durable.
    static func syncDirectory(_ path: String) throws(SystemError) {
        let directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { throw SystemError("open \(path)") }
        defer { close(directory) }
        guard fsync(directory) == 0 else { throw SystemError("sync \(path)") }
    }

    /// The names in a directory without `.` and `..`, sorted; empty when there is no such directory.
    static func list(_ path: String) -> [String] {
        guard let stream = opendir(path) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                tuple.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: tuple.pointee)) {
                    String(cString: $0)
                }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// Deletes a directory of plain files.
    static func removeDirectory(_ path: String) throws(SystemError) {
        for name in list(path) { unlink("\(path)/\(name)") }
        guard rmdir(path) == 0 || errno == ENOENT else { throw SystemError("remove \(path)") }
    }

    /// Whether there is such a file.
    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// Opens (creating it) and locks a file for as long as the descriptor, or a copy of it in another process, is open.
    /// Answers nil when someone else holds the lock.
    static func lock(_ path: String) throws(SystemError) -> FileDescriptor? {
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw SystemError("open \(path)") }
        if flock(file, LOCK_EX | LOCK_NB) == 0 { return FileDescriptor(file) }
        let code = errno
        close(file)
        if code == EWOULDBLOCK { return nil }
        throw SystemError("lock \(path)", code: code)
    }
}

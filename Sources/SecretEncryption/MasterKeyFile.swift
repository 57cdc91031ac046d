import TimeSource

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The file that holds a master key: 32 random bytes, readable by its owner alone.
struct MasterKeyFile: Sendable {
    /// Where it lies.
    let path: String

    /// Where a rotation keeps the new key until every data key is wrapped under it.
    var successor: MasterKeyFile { MasterKeyFile(path: path + ".next") }

    /// The key, nil when there is no file.
    func load() throws(SecretError) -> MasterKey? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw failure("open")
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failure("fstat") }
        guard status.st_mode & S_IFMT == S_IFREG, status.st_size == MasterKey.length else { throw .malformedKeyFile(path: path) }
        let mode = status.st_mode & 0o7777
        guard mode & 0o077 == 0, status.st_uid == geteuid() || status.st_uid == 0 else {
            throw .laxPermissions(path: path, mode: UInt32(mode))
        }
        var bytes = [UInt8](repeating: 0, count: MasterKey.length)
        guard read(descriptor, &bytes, bytes.count) == bytes.count else { throw failure("read") }
        return MasterKey(bytes)
    }

    /// The key, made and put on the disk when there is none. Of two that do this at once, both get the same key.
    func loadOrCreate(random: any RandomSource) throws(SecretError) -> MasterKey {
        if let key = try load() { return key }
        // Written aside and linked into place: whoever sees the file sees all of it, and a file that is there is never replaced.
        let temporary = path + ".\(getpid()).tmp"
        unlink(temporary)
        defer { unlink(temporary) }
        try create(random.bytes(MasterKey.length), at: temporary)
        if link(temporary, path) != 0, errno != EEXIST { throw failure("link") }
        try synchroniseDirectory()
        guard let key = try load() else { throw .malformedKeyFile(path: path) }
        return key
    }

    /// Puts the successor in this file's place; a crash leaves the one or the other.
    func replaceWithSuccessor() throws(SecretError) {
        guard rename(successor.path, path) == 0 else { throw failure("rename") }
        try synchroniseDirectory()
    }

    private func create(_ bytes: [UInt8], at path: String) throws(SecretError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure("create") }
        defer { close(descriptor) }
        guard bytes.withUnsafeBytes({ write(descriptor, $0.baseAddress, $0.count) }) == bytes.count else { throw failure("write") }
        guard fsync(descriptor) == 0 else { throw failure("fsync") }
    }

    private func synchroniseDirectory() throws(SecretError) {
        let directory = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("open of the directory") }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure("fsync of the directory") }
    }

    private func failure(_ call: String) -> SecretError { .keyFileFailure(path: path, call: call, errno: errno) }
}

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Files that are filled piece by piece, each piece at its offset, until somebody takes them away as a whole: output on its way to a
/// bucket.
///
/// What a call has stored survives a power cut when it returns. The same piece again changes nothing. Names are the caller's own; they
/// hold no slashes.
package final class StagingFolder: Sendable {
    private let path: String
    private let pool: WorkPool

    /// Takes a folder, making it if it is missing.
    package init(opening path: String, threads: Int = 2) async throws(ObjectFileError) {
        self.path = path
        pool = WorkPool(name: "staging", threads: threads)
        try await pool.run { () throws(ObjectFileError) in
            guard mkdir(path, 0o700) == 0 else {
                if errno == EEXIST { return }
                throw ObjectFileError.system("cannot make the folder \(path)")
            }
            try ObjectFolder.synchronise(path + "/..")
        }
    }

    /// Ends the threads.
    package func end() {
        pool.close()
    }

    /// Stores pieces.
    package func store(_ pieces: [(offset: Int64, bytes: [UInt8])], in name: String) async throws(ObjectFileError) {
        let path = path
        try await pool.run { () throws(ObjectFileError) in
            var isNew = false
            var number = open("\(path)/\(name)", O_WRONLY | O_CLOEXEC | O_NOFOLLOW)
            if number < 0, errno == ENOENT {
                number = open("\(path)/\(name)", O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
                isNew = true
            }
            guard number >= 0 else { throw .system("cannot open a staged file") }
            defer { close(number) }
            for piece in pieces { try StagingFolder.write(piece.bytes, at: piece.offset, to: number) }
            guard fdatasync(number) == 0 else { throw .system("cannot write a staged file to the disk") }
            if isNew { try ObjectFolder.synchronise(path) }
        }
    }

    /// How many bytes a file has; nil when there is none.
    package func size(of name: String) async throws(ObjectFileError) -> Int64? {
        let path = "\(path)/\(name)"
        return try await pool.run { () throws(ObjectFileError) in
            var facts = stat()
            guard stat(path, &facts) == 0 else {
                if errno == ENOENT { return nil }
                throw .system("cannot look at a staged file")
            }
            return Int64(facts.st_size)
        }
    }

    /// The bytes of a file from an offset on, `count` of them or those up to its end.
    package func bytes(of name: String, at offset: Int64, count: Int) async throws(ObjectFileError) -> [UInt8] {
        let path = "\(path)/\(name)"
        return try await pool.run { () throws(ObjectFileError) in
            try FileDescriptor(reading: path).bytes(at: offset, count: count)
        }
    }

    /// Removes files; those that are not there are no error.
    package func remove(_ names: [String]) async throws(ObjectFileError) {
        let path = path
        try await pool.run { () throws(ObjectFileError) in
            for name in names where unlink("\(path)/\(name)") != 0 && errno != ENOENT {
                throw .system("cannot remove a staged file")
            }
        }
    }

    /// The names of all files.
    package func names() async throws(ObjectFileError) -> [String] {
        let path = path
        return try await pool.run { () throws(ObjectFileError) in try ObjectFolder.names(in: path) }
    }

    private static func write(_ bytes: [UInt8], at offset: Int64, to number: Int32) throws(ObjectFileError) {
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes {
                pwrite(number, $0.baseAddress.map { $0 + written }, bytes.count - written, off_t(offset) + off_t(written))
            }
            if count >= 0 {
                written += count
            } else if errno != EINTR {
                throw .system("cannot write a staged file")
            }
        }
    }
}

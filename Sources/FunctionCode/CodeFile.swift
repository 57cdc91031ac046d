import Glibc

/// A file that is being written. It is closed with the value.
struct CodeFile: ~Copyable {
    private let descriptor: Int32
    private let path: String
    private let mode: mode_t

    /// Opens a file for writing. A second entry of the same name replaces the first, as with other unpackers.
    init(_ path: String, mode: mode_t) throws(CodeError) {
        descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0o600)
        self.path = path
        self.mode = mode
        guard descriptor >= 0 else {
            if errno == EISDIR || errno == ENOTDIR || errno == ELOOP { throw .unsafe(path) }
            throw CodeFolder.failure("write", path)
        }
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// Appends bytes.
    func write(_ bytes: UnsafeRawBufferPointer) throws(CodeError) {
        var rest = bytes
        while !rest.isEmpty {
            let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw CodeFolder.failure("write", path) }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }

    /// Gives the file its mode.
    func finish() throws(CodeError) {
        guard fchmod(descriptor, mode) == 0 else { throw CodeFolder.failure("set the mode of", path) }
    }
}

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// An open file, closed when nothing refers to it any more.
final class FileDescriptor: Sendable {
    /// The kernel's number.
    let number: Int32

    /// Opens a file for reading.
    init(reading path: String) throws(ObjectFileError) {
        number = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard number >= 0 else { throw .system("cannot open a file of an object") }
        posix_fadvise(number, 0, 0, POSIX_FADV_SEQUENTIAL)
    }

    /// Makes a file that was not there, mode 0600.
    init(creating path: String) throws(ObjectFileError) {
        number = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard number >= 0 else { throw .system("cannot make a file for an object") }
    }

    deinit {
        close(number)
    }

    /// Writes all of these bytes at the end of what was written.
    func append(_ bytes: [UInt8]) throws(ObjectFileError) {
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { write(number, $0.baseAddress.map { $0 + written }, bytes.count - written) }
            if count >= 0 {
                written += count
            } else if errno != EINTR {
                throw .system("cannot write a file of an object")
            }
        }
    }

    /// The bytes from an offset on, `count` of them or those up to the end.
    func bytes(at offset: Int64, count: Int) throws(ObjectFileError) -> [UInt8] {
        var failure: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, length in
            while length < count {
                let read = pread(number, buffer.baseAddress.map { $0 + length }, count - length, off_t(offset) + off_t(length))
                if read > 0 {
                    length += read
                } else if read == 0 {
                    return
                } else if errno != EINTR {
                    failure = errno
                    return
                }
            }
        }
        if failure != 0 {
            errno = failure
            throw .system("cannot read a file of an object")
        }
        return bytes
    }

    /// Waits until the bytes are on the disk.
    func synchronise() throws(ObjectFileError) {
        guard fdatasync(number) == 0 else { throw .system("cannot write a file of an object to the disk") }
    }
}

extension ObjectFileError {
    /// What the system said to the last call.
    static func system(_ what: String) -> ObjectFileError {
        let code = errno
        switch code {
        case ENOSPC, EDQUOT, EFBIG: return .full
        case ENOENT: return .gone
        default: return .failed("\(what): \(String(cString: strerror(code)))")
        }
    }
}

import Crypto
import Glibc

/// Copies files by their descriptors and says what was copied.
enum FileCopy {
    private static let piece = 1 << 20

    /// What was read.
    struct Result {
        /// In bytes.
        let size: Int64
        /// As hexadecimal digits.
        let sha256: String
    }

    /// Opens a regular file for reading; nil when it is not there. Links are not followed.
    static func open(_ path: String) throws(BackupError) -> Int32? {
        let file = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        if file < 0, errno == ENOENT { return nil }
        guard file >= 0 else { throw .system("cannot read \(path)") }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(file)
            throw BackupError("\(path) is not a file")
        }
        return file
    }

    /// Makes a new file of mode 0600.
    static func create(_ path: String) throws(BackupError) -> Int32 {
        let file = Glibc.open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw .system("cannot write \(path)") }
        return file
    }

    /// Reads a file to its end, or its first `length` bytes, and writes them to another one.
    static func run(from file: Int32, to target: Int32?, length: Int64?, named name: String) throws(BackupError) -> Result {
        var digest = SHA256()
        var size: Int64 = 0
        var buffer = [UInt8](repeating: 0, count: piece)
        while true {
            let wanted = length.map { Int(min(Int64(piece), $0 - size)) } ?? piece
            if wanted == 0 { break }
            let count = buffer.withUnsafeMutableBytes { read(file, $0.baseAddress, wanted) }
            if count == 0 { break }
            guard count > 0 else {
                if errno == EINTR { continue }
                throw .system("cannot read \(name)")
            }
            buffer.withUnsafeBytes { digest.update(bufferPointer: UnsafeRawBufferPointer(rebasing: $0[..<count])) }
            if let target { try write(buffer[..<count], to: target, named: name) }
            size += Int64(count)
        }
        return Result(size: size, sha256: hexadecimal(digest.finalize()))
    }

    /// Writes all of these bytes.
    static func write(_ bytes: some Collection<UInt8>, to file: Int32, named name: String) throws(BackupError) {
        var left = ArraySlice(bytes)
        while !left.isEmpty {
            let count = left.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if count < 0 {
                if errno == EINTR { continue }
                throw .system("cannot write the copy of \(name)")
            }
            left = left.dropFirst(count)
        }
    }

    /// Waits until a file is on the disk.
    static func synchronise(_ file: Int32, _ name: String) throws(BackupError) {
        guard fsync(file) == 0 else { throw .system("cannot write the copy of \(name) to the disk") }
    }

    private static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
        var digits: [UInt8] = []
        for byte in bytes {
            for nibble in [byte >> 4, byte & 0xF] { digits.append(nibble < 10 ? 0x30 + nibble : 0x57 + nibble) }
        }
        return String(decoding: digits, as: UTF8.self)
    }
}

extension BackupError {
    /// What the system said to the last call.
    static func system(_ what: String) -> BackupError {
        let code = errno
        return BackupError("\(what): \(String(cString: strerror(code)))")
    }
}

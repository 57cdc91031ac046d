import Foundation

/// Reads files that the operator names.
enum TextFile {
    /// The largest file that is read: definitions and inputs end at 1 MiB, and a mistyped name may be a disk image.
    private static let limit = 16 * 1_048_576

    /// The bytes of a file, or of standard input for `-`.
    static func bytes(_ path: String) throws(FileProblem) -> [UInt8] {
        let descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw problem(errno) }
        defer { if path != "-" { close(descriptor) } }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = chunk.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
            if count == 0 { return bytes }
            if count < 0 {
                if errno == EINTR { continue }
                throw problem(errno)
            }
            bytes += chunk[..<count]
            if bytes.count > limit { throw .other("it is larger than \(limit / 1_048_576) MiB") }
        }
    }

    /// The text of a file.
    static func text(_ path: String) throws(FileProblem) -> String {
        String(decoding: try bytes(path), as: UTF8.self)
    }

    private static func problem(_ code: Int32) -> FileProblem {
        switch code {
        case ENOENT, ENOTDIR: .missing
        case EACCES, EPERM: .denied
        default: .other(String(cString: strerror(code)))
        }
    }
}

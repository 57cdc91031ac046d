import Foundation
import Services

/// The file in which the first start leaves the administrator's access key, in the format of AWS credentials files.
enum AdminCredentials {
    /// Writes the file with mode 0600, whole or not at all, and durable before it is seen.
    static func write(_ key: AccessKey, to path: String) throws {
        let text = """
            [nightshift]
            aws_access_key_id = \(key.id)
            aws_secret_access_key = \(key.secret)

            """
        let temporary = path + ".new"
        let file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw failure(path) }
        defer { close(file) }
        let bytes = Array(text.utf8)
        guard write(file, bytes) == bytes.count, fsync(file) == 0, rename(temporary, path) == 0 else { throw failure(path) }
        // The name is durable only with its directory.
        let folder = open(URL(fileURLWithPath: path).deletingLastPathComponent().path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw failure(path) }
        defer { close(folder) }
        guard fsync(folder) == 0 else { throw failure(path) }
    }

    private static func write(_ file: Int32, _ bytes: [UInt8]) -> Int {
        bytes.withUnsafeBytes { Foundation.write(file, $0.baseAddress, $0.count) }
    }

    private static func failure(_ path: String) -> DataDirectory.Failure {
        DataDirectory.Failure(description: "cannot write \(path): \(String(cString: strerror(errno)))")
    }
}

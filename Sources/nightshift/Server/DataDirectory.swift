import BackupFiles
import Foundation

/// The server's data directory: created private, used by one server at a time.
struct DataDirectory: Sendable {
    /// Its path.
    let url: URL
    private let lock: Int32

    /// Why a data directory cannot be used.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// Creates the directory with its parents (mode 0700) when it is missing, and locks it until the process ends. The lock is the
    /// kernel's, so it is gone with a killed process.
    init(path: String) throws {
        url = URL(fileURLWithPath: path, isDirectory: true)
        // Whatever the server writes is its own, unless the writer says otherwise.
        umask(0o077)
        do {
            try FileManager.default.createDirectory(
                at: url, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw Failure(description: "cannot create the data directory \(path): \(error.localizedDescription)")
        }
        DataDirectory.synchroniseNames(of: url)
        lock = open(url.appendingPathComponent("lock").path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard lock >= 0 else {
            throw Failure(description: "cannot write in the data directory \(path): \(String(cString: strerror(errno)))")
        }
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            throw Failure(description: "the data directory \(path) is in use by another nightshift server")
        }
        guard access(self.path(RestoreFolder.mark), F_OK) != 0 else {
            throw Failure(description: "a restore into the data directory \(path) was interrupted: empty it and restore again")
        }
    }

    /// Makes the directory's name, and those of parents made with it, survive a power cut before anything in it is acknowledged. Parents
    /// that this user may not open were there before.
    private static func synchroniseNames(of directory: URL) {
        var folder = directory.standardizedFileURL
        while folder.path != "/" {
            folder.deleteLastPathComponent()
            let descriptor = open(folder.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            guard descriptor >= 0 else { return }
            fsync(descriptor)
            close(descriptor)
        }
    }

    /// The path of a file in it.
    func path(_ name: String) -> String { url.appendingPathComponent(name).path }

    /// Where it is unless said otherwise (design: `/var/lib/nightshift` for root, else in the home directory).
    static var defaultPath: String {
        geteuid() == 0
            ? "/var/lib/nightshift"
            : FileManager.default.homeDirectoryForCurrentUser.appendingPathComponent(".local/share/nightshift").path
    }
}

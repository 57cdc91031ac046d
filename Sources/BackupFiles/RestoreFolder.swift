import Glibc

/// A data directory while a backup is restored into it: locked, and marked as incomplete until the end.
package struct RestoreFolder: Sendable {
    /// The file whose presence says that a restore did not come to its end.
    package static let mark = "restore-incomplete"

    /// Where it is.
    package let path: String
    private let lock: Int32

    /// Makes the directory (mode 0700), or takes one that is empty, and locks it as a server does.
    package init(at path: String) throws(BackupError) {
        self.path = path
        let content = try FileTree.content(of: path)
        if content?.contains(RestoreFolder.mark) == true {
            throw BackupError("\(path) holds a restore that was interrupted: empty the directory and restore again")
        }
        // A file system of its own has that folder from the start.
        guard content?.allSatisfy({ $0 == "lost+found" }) ?? true else {
            throw BackupError("\(path) is not empty; a backup is restored into a new directory")
        }
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw .system("cannot make the directory \(path)") }
        lock = open(path + "/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard lock >= 0 else { throw .system("cannot write in \(path)") }
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else { throw BackupError("\(path) is in use by another nightshift") }
        close(try FileCopy.create(path + "/" + RestoreFolder.mark))
        try FileTree.synchronise(folder: path)
    }

    /// Has everything written to the disk and takes the mark away: from here on a server may use the directory.
    package func complete() throws(BackupError) {
        try FileTree.synchroniseAll(in: path)
        guard unlink(path + "/" + RestoreFolder.mark) == 0 else { throw .system("cannot remove \(path)/\(RestoreFolder.mark)") }
        try FileTree.synchronise(folder: path)
        close(lock)
    }
}

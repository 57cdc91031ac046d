import Glibc
import JSONCore

/// A backup while it is written: a private folder beside its destination, which takes the destination's name when it is whole and on the
/// disk, or is removed. Its calls block; no two at the same time.
package struct BackupFolder: Sendable {
    /// Where the backup will be.
    package let destination: String
    /// Where it is until then.
    package let path: String

    /// Makes the folder, mode 0700.
    /// - Parameters:
    ///   - destination: an absolute path that does not exist, or an empty directory.
    ///   - tag: makes the temporary name unlike others.
    package init(for destination: String, tag: String) throws(BackupError) {
        guard destination.hasPrefix("/") else { throw BackupError("\(destination) is not an absolute path on the server's machine") }
        var trimmed = destination
        while trimmed.count > 1, trimmed.hasSuffix("/") { trimmed.removeLast() }
        self.destination = trimmed
        path = trimmed + ".partial-" + tag
        switch try FileTree.content(of: trimmed) {
        case nil: break
        case []?: break
        case .some: throw BackupError("\(trimmed) is not empty; a backup is written to a new directory")
        }
        guard mkdir(path, 0o700) == 0 else {
            throw BackupError.system("cannot make the directory \(path)")
        }
    }

    /// Where a file of the backup belongs, its folders made.
    package func path(of name: String) throws(BackupError) -> String {
        try FileTree.makeFolders(above: name, in: path)
        return path + "/" + name
    }

    /// Copies a file into the backup, synchronised.
    /// - Parameter length: how many of its first bytes; nil copies all of it.
    /// - Returns: its entry in the manifest, nil when the file is not there.
    package func copy(_ source: String, as name: String, length: Int64? = nil) throws(BackupError) -> BackupManifest.File? {
        guard let file = try FileCopy.open(source) else { return nil }
        defer { close(file) }
        let target = try FileCopy.create(try path(of: name))
        defer { close(target) }
        let result = try FileCopy.run(from: file, to: target, length: length, named: source)
        if let length, result.size < length { throw BackupError("\(source) is shorter than it has to be: it is damaged") }
        try FileCopy.synchronise(target, name)
        return BackupManifest.File(name: name, size: result.size, sha256: result.sha256)
    }

    /// Takes up a file that somebody else has written to `path(of:)`, and synchronises it.
    package func takeUp(_ name: String) throws(BackupError) -> BackupManifest.File {
        let place = path + "/" + name
        guard let file = try FileCopy.open(place) else { throw BackupError("\(place) is missing") }
        defer { close(file) }
        guard fchmod(file, 0o600) == 0 else { throw BackupError.system("cannot set the mode of \(place)") }
        let result = try FileCopy.run(from: file, to: nil, length: nil, named: place)
        try FileCopy.synchronise(file, name)
        return BackupManifest.File(name: name, size: result.size, sha256: result.sha256)
    }

    /// Writes the manifest and moves the backup to its destination; it is on the disk, whole, when this returns.
    package func complete(_ manifest: BackupManifest) throws(BackupError) {
        let file = try FileCopy.create(path + "/" + BackupManifest.fileName)
        defer { close(file) }
        try FileCopy.write(Array((JSONWriter.pretty(manifest.json) + "\n").utf8), to: file, named: BackupManifest.fileName)
        try FileCopy.synchronise(file, BackupManifest.fileName)
        try FileTree.synchroniseFolders(in: path)
        // Takes the place of an empty directory too, of anything else it does not.
        guard rename(path, destination) == 0 else { throw BackupError.system("cannot move the backup to \(destination)") }
        try FileTree.synchronise(folder: FileTree.parent(of: destination))
    }

    /// Removes what was written.
    package func remove() {
        FileTree.remove(path)
    }
}

import Glibc

/// A finished backup, to be read.
package struct StoredBackup: Sendable {
    /// Where it is.
    package let path: String
    /// What it holds.
    package let manifest: BackupManifest

    /// Opens a backup by its manifest.
    package init(at path: String) throws(BackupError) {
        self.path = path
        guard let file = try FileCopy.open(path + "/" + BackupManifest.fileName) else {
            throw BackupError("\(path) is no backup: it has no \(BackupManifest.fileName)")
        }
        defer { close(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = buffer.withUnsafeMutableBytes { Glibc.read(file, $0.baseAddress, $0.count) }
            if count == 0 { break }
            guard count > 0 else { throw .system("cannot read \(path)/\(BackupManifest.fileName)") }
            bytes += buffer[..<count]
        }
        manifest = try BackupManifest(bytes)
    }

    /// Where a file of the backup lies.
    package func path(of file: BackupManifest.File) -> String { path + "/" + file.name }

    /// Copies a file of the backup to where it belongs in a folder, and checks it against the manifest. Not synchronised.
    package func restore(_ file: BackupManifest.File, to folder: String) throws(BackupError) {
        try FileTree.makeFolders(above: file.name, in: folder)
        try read(file, into: try FileCopy.create(folder + "/" + file.name))
    }

    /// Checks a file of the backup against the manifest.
    package func verify(_ file: BackupManifest.File) throws(BackupError) {
        try read(file, into: nil)
    }

    private func read(_ file: BackupManifest.File, into target: Int32?) throws(BackupError) {
        defer { if let target { close(target) } }
        guard let source = try FileCopy.open(path(of: file)) else { throw BackupError("\(path(of: file)) is missing from the backup") }
        defer { close(source) }
        let result = try FileCopy.run(from: source, to: target, length: nil, named: path(of: file))
        guard result.size == file.size, result.sha256 == file.sha256 else {
            throw BackupError("\(path(of: file)) is damaged: it is not what the manifest says")
        }
    }
}

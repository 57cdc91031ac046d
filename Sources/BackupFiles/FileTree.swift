import Glibc

/// Folders and what is in them.
enum FileTree {
    /// The names in a folder; nil when there is none.
    static func content(of folder: String) throws(BackupError) -> [String]? {
        guard let stream = opendir(folder) else {
            if errno == ENOENT { return nil }
            throw .system("cannot read the directory \(folder)")
        }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    /// Makes the folders of a relative path, mode 0700.
    static func makeFolders(above name: String, in root: String) throws(BackupError) {
        var path = root
        for part in name.split(separator: "/").dropLast() {
            path += "/" + part
            guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw .system("cannot make the directory \(path)") }
        }
    }

    /// The folder that something lies in.
    static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// Waits until the names in a folder and in all below it are on the disk.
    static func synchroniseFolders(in folder: String) throws(BackupError) {
        for name in try content(of: folder) ?? [] where isFolder(folder + "/" + name) {
            try synchroniseFolders(in: folder + "/" + name)
        }
        try synchronise(folder: folder)
    }

    /// Waits until everything in a folder is on the disk.
    static func synchroniseAll(in folder: String) throws(BackupError) {
        for name in try content(of: folder) ?? [] {
            let path = folder + "/" + name
            if isFolder(path) {
                try synchroniseAll(in: path)
            } else if let file = try? FileCopy.open(path) {
                // Links have nothing of their own to write.
                defer { close(file) }
                try FileCopy.synchronise(file, path)
            }
        }
        try synchronise(folder: folder)
    }

    /// Waits until the names in a folder are on the disk.
    static func synchronise(folder: String) throws(BackupError) {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system("cannot open the directory \(folder)") }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw .system("cannot write the directory \(folder) to the disk") }
    }

    /// Removes a file, or a folder with all that it holds, as far as that is possible. Links are not followed.
    static func remove(_ path: String) {
        if isFolder(path) {
            for name in (try? content(of: path)) ?? [] { remove(path + "/" + name) }
            rmdir(path)
        } else {
            unlink(path)
        }
    }

    private static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }
}

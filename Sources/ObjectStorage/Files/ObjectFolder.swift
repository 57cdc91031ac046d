#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Where the files of objects lie: `files/XX/ID`, XX being the last two digits of the random id, and `incoming/ID` while one is written.
///
/// No path is ever made of what a client sent. Its calls block.
struct ObjectFolder: Sendable {
    /// The folder, without a slash at its end.
    let path: String

    private static let groups = (0..<256).map { HexText.text([UInt8($0)]) }

    /// Takes a folder, making what is missing, and throws away what an earlier process had not finished.
    init(opening path: String) throws(ObjectFileError) {
        self.path = path
        var isNew = ObjectFolder.make(path)
        for name in ["incoming", "files"] { isNew = ObjectFolder.make("\(path)/\(name)") || isNew }
        for group in ObjectFolder.groups { isNew = ObjectFolder.make("\(path)/files/\(group)") || isNew }
        if isNew {
            try ObjectFolder.synchronise("\(path)/files")
            try ObjectFolder.synchronise(path)
            try ObjectFolder.synchronise(path + "/..")
        }
        for name in try ObjectFolder.names(in: "\(path)/incoming") { unlink("\(path)/incoming/\(name)") }
    }

    /// Where a file is while it is written.
    func incoming(_ id: String) -> String { "\(path)/incoming/\(id)" }

    /// Where a file is.
    func file(_ id: String) -> String { "\(group(of: id))/\(id)" }

    /// Gives a file that is on the disk its place; it survives a power cut when this returns.
    func publish(_ id: String) throws(ObjectFileError) {
        guard rename(incoming(id), file(id)) == 0 else { throw .system("cannot move a file of an object to its place") }
        try ObjectFolder.synchronise(group(of: id))
    }

    /// Gives the bytes of a file a second name, without copying them. False where the file system has no such thing.
    func link(_ id: String, as other: String) throws(ObjectFileError) -> Bool {
        guard linkat(AT_FDCWD, file(id), AT_FDCWD, file(other), 0) == 0 else {
            if errno == ENOENT { throw .gone }
            return false
        }
        try ObjectFolder.synchronise(group(of: other))
        return true
    }

    /// Removes a file. False when that failed; a file that is not there is no failure.
    func remove(_ id: String) -> Bool {
        unlink(file(id)) == 0 || errno == ENOENT
    }

    /// Removes what was written of a file that is given up.
    func removeIncoming(_ id: String) {
        unlink(incoming(id))
    }

    /// The names of the groups of files.
    var groups: [String] { ObjectFolder.groups }

    /// The ids of the files of a group.
    func ids(in group: String) throws(ObjectFileError) -> [String] {
        try ObjectFolder.names(in: "\(path)/files/\(group)")
    }

    private func group(of id: String) -> String { "\(path)/files/\(id.suffix(2))" }

    /// Makes a folder of mode 0700; whether it was missing.
    private static func make(_ path: String) -> Bool { mkdir(path, 0o700) == 0 }

    /// Waits until the names in a folder are on the disk.
    static func synchronise(_ path: String) throws(ObjectFileError) {
        let folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw .system("cannot open the folder of objects \(path)") }
        defer { close(folder) }
        guard fsync(folder) == 0 else { throw .system("cannot write the folder of objects \(path) to the disk") }
    }

    /// What is in a folder.
    static func names(in path: String) throws(ObjectFileError) -> [String] {
        guard let stream = opendir(path) else { throw .system("cannot read the folder of objects \(path)") }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names
    }
}

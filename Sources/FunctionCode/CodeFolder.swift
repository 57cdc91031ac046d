import Glibc

/// Unpacks an archive into a new folder. Everything is readable and nothing writable by others, whatever the archive says: functions may
/// run under a user of their own.
struct CodeFolder {
    private let root: String
    private var made: Set<[String]> = [[]]

    /// A folder that does not exist yet.
    init(at path: String) throws(CodeError) {
        root = path
        try CodeFolder.make(path)
    }

    /// Unpacks all entries; they are not on the disk yet.
    mutating func unpack(_ archive: ZipArchive) throws(CodeError) {
        for entry in archive.entries {
            switch entry.kind {
            case .directory: try makeFolders(entry.path)
            case .file(let isExecutable):
                try makeFolders(entry.path.dropLast())
                try write(entry, of: archive, mode: isExecutable ? 0o755 : 0o644)
            case .link: break
            }
        }
        // After all files, so that no file is written through a link.
        for entry in archive.entries where entry.kind == .link { try link(entry, of: archive) }
    }

    /// Writes a file, which is not on the disk yet.
    static func write(_ bytes: [UInt8], to path: String) throws(CodeError) {
        let file = try CodeFile(path, mode: 0o600)
        let result = bytes.withUnsafeBytes { piece -> Result<Void, CodeError> in
            do throws(CodeError) { return .success(try file.write(piece)) } catch { return .failure(error) }
        }
        try result.get()
        try file.finish()
    }

    /// What the disk said.
    static func failure(_ verb: String, _ path: String) -> CodeError {
        .storage("cannot \(verb) \(path): \(String(cString: strerror(errno)))")
    }

    private func path(_ parts: some Sequence<String>) -> String {
        parts.reduce(root) { $0 + "/" + $1 }
    }

    private mutating func makeFolders(_ parts: some Collection<String>) throws(CodeError) {
        var current: [String] = []
        for part in parts {
            current.append(part)
            guard made.insert(current).inserted else { continue }
            try CodeFolder.make(path(current), of: current)
        }
    }

    private static func make(_ path: String, of parts: [String] = []) throws(CodeError) {
        guard mkdir(path, 0o755) == 0 else {
            if errno == EEXIST, !parts.isEmpty { throw .unsafe(parts.joined(separator: "/")) }
            throw failure("make", path)
        }
        // The mode given above was cut by the process's mask.
        guard chmod(path, 0o755) == 0 else { throw failure("open up", path) }
    }

    private func write(_ entry: ZipEntry, of archive: ZipArchive, mode: mode_t) throws(CodeError) {
        guard !made.contains(entry.path) else { throw .unsafe(entry.path.joined(separator: "/")) }
        let content = try archive.content(of: entry)
        let file = try CodeFile(path(entry.path), mode: mode)
        try Inflater.unpack(content, of: entry) { (piece) throws(CodeError) in try file.write(piece) }
        try file.finish()
    }

    private mutating func link(_ entry: ZipEntry, of archive: ZipArchive) throws(CodeError) {
        guard entry.size <= 4_096 else { throw .unsafe(entry.path.joined(separator: "/")) }
        var target: [UInt8] = []
        try Inflater.unpack(try archive.content(of: entry), of: entry) { (piece) throws(CodeError) in
            target.append(contentsOf: piece)
        }
        let text = String(decoding: target, as: UTF8.self)
        guard ZipPath.allows(target: text, ofLinkAt: entry.path) else { throw .unsafe(entry.path.joined(separator: "/")) }
        try makeFolders(entry.path.dropLast())
        guard symlink(text, path(entry.path)) == 0 else {
            if errno == EEXIST || errno == ENOTDIR { throw .unsafe(entry.path.joined(separator: "/")) }
            throw CodeFolder.failure("link", path(entry.path))
        }
    }
}

import FoundationEssentials
import Glibc

/// The pool's own directory: a scratch folder for each process, and a record of each so that a later server can end what a killed one left.
struct ProcessFolders: Sendable {
    private let scratch: String
    private let records: String
    private let user: FunctionUser?

    /// The folders `scratch` and `processes` under a directory, for functions of that user.
    init(directory: String, user: FunctionUser?) {
        scratch = directory + "/scratch"
        records = directory + "/processes"
        self.user = user
    }

    /// Makes what is missing, kills the processes that an earlier server left and deletes their scratch folders. Returns how many it killed.
    ///
    /// The kernel kills the processes themselves with the server (PDEATHSIG), but not what they had started. To be called
    /// while no other server uses the directory.
    func prepare() throws -> Int {
        // Functions with a user of their own pass through the outer folders but see nothing of their neighbours.
        for folder in [scratch, records] {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: user == nil ? 0o700 : 0o711])
        }
        var killed = 0
        for name in try FileManager.default.contentsOfDirectory(atPath: records) {
            let path = records + "/" + name
            if let bytes = FileManager.default.contents(atPath: path), let session = Self.session(record: bytes) {
                killed += session.members().count
                session.killLeftovers()
            }
            try FileManager.default.removeItem(atPath: path)
        }
        for name in try FileManager.default.contentsOfDirectory(atPath: scratch) {
            try FileManager.default.removeItem(atPath: scratch + "/" + name)
        }
        return killed
    }

    /// Makes the scratch folder of a process, which only its user may enter, and returns its path.
    func makeScratch(_ name: String) throws(StartFailure) -> String {
        let path = scratch + "/" + name
        guard mkdir(path, 0o700) == 0 else { throw Self.failure("make", path) }
        if let user, chown(path, user.uid, user.gid) != 0 { throw Self.failure("hand over", path) }
        return path
    }

    /// Deletes a scratch folder with everything in it.
    func removeScratch(_ path: String) throws {
        try FileManager.default.removeItem(atPath: path)
    }

    /// Remembers a process beyond the server's end. Not synced: after a crash of the machine there is nothing to end.
    func record(_ name: String, session: ProcessSession) throws {
        let text = "\(ProcFileSystem.bootID()) \(session.leader) \(session.startTime)\n"
        try Data(text.utf8).write(to: URL(filePath: records + "/" + name))
    }

    /// Forgets a process that was waited for.
    func removeRecord(_ name: String) {
        unlink(records + "/" + name)
    }

    /// The session of a record of this boot.
    static func session(record bytes: Data, bootID: String = ProcFileSystem.bootID()) -> ProcessSession? {
        let fields = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace)
        guard fields.count == 3, fields[0] == bootID, let leader = pid_t(fields[1]), leader > 1, let start = UInt64(fields[2])
        else { return nil }
        return ProcessSession(leader: leader, startTime: start)
    }

    private static func failure(_ verb: String, _ path: String) -> StartFailure {
        .server(message: "cannot \(verb) the scratch folder \(path): \(String(cString: strerror(errno)))")
    }
}

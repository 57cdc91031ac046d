import AgentProtocol
import Glibc
import JSONCore

/// The agent's data directory: `lock`, `identity`, `incarnation` and `spool/`. Locked while this value lives.
struct DataDirectory: Sendable {
    let path: String
    /// Larger than that of any earlier start; durable before this value exists.
    let incarnation: Int64
    private let lock: FileDescriptor

    /// Where the attempts' directories are.
    var spoolPath: String { "\(path)/spool" }

    /// Opens, creating it where it is missing.
    init(path: String) throws(AgentError) {
        self.path = path
        do throws(SystemError) {
            try PosixFile.makeDirectory("\(path)/spool")
            // Also when it existed with a wider mode: it holds a key.
            guard chmod(path, 0o700) == 0 else { throw SystemError("restrict \(path)") }
            guard let lock = try PosixFile.lock("\(path)/lock") else {
                throw SystemError("lock \(path)", code: EWOULDBLOCK)
            }
            self.lock = lock
            let stored = try PosixFile.read("\(path)/incarnation").flatMap { bytes in
                Int64(String(decoding: bytes.prefix { $0 != 0x0A }, as: UTF8.self))
            }
            incarnation = (stored ?? 0) + 1
            try PosixFile.writeDurably(Array("\(incarnation)\n".utf8), to: "incarnation", in: path)
        } catch {
            throw error.code == EWOULDBLOCK ? .alreadyRunning(directory: path) : .storage(error)
        }
    }

    /// The stored identity, or a new one made at `now` (milliseconds since 1970), stored.
    func identity(now: Int64 = 0) throws(AgentError) -> AgentIdentity {
        let bytes: [UInt8]?
        do throws(SystemError) {
            bytes = try PosixFile.read("\(path)/\(AgentIdentity.fileName)")
        } catch {
            throw .storage(error)
        }
        guard let bytes else {
            let identity = AgentIdentity(madeAtMilliseconds: now)
            try store(identity)
            return identity
        }
        guard let json = try? JSONParser.parse(bytes) else { throw .damagedIdentity }
        return try AgentIdentity(json: json)
    }

    /// Stores an identity durably.
    func store(_ identity: AgentIdentity) throws(AgentError) {
        do throws(SystemError) {
            try PosixFile.writeDurably(JSONWriter.bytes(of: identity.json), to: AgentIdentity.fileName, in: path)
        } catch {
            throw .storage(error)
        }
    }

    // MARK: A new key on demand

    /// When a new key was asked for, milliseconds since 1970 by this host's clock; nil when it was not.
    func keyRequestedAtMilliseconds() -> Int64? {
        var status = stat()
        guard stat("\(path)/\(KeyRotationRequest.fileName)", &status) == 0 else { return nil }
        return Int64(status.st_mtim.tv_sec) * 1_000 + Int64(status.st_mtim.tv_nsec) / 1_000_000
    }

    /// The request was fulfilled.
    func forgetKeyRequest() {
        unlink("\(path)/\(KeyRotationRequest.fileName)")
    }
}

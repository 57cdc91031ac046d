import Glibc

/// An operator's wish that the agent of a data directory replaces its key: a file that is there until it has.
package enum KeyRotationRequest {
    static let fileName = "rotate-key"

    /// Asks for a new key. The agent takes notice within a second when it is connected, and else as soon as it is.
    package static func make(in directory: String) throws(AgentError) {
        let identity = "\(directory)/\(AgentIdentity.fileName)"
        guard PosixFile.exists(identity) else { throw .storage(SystemError("open \(identity)", code: ENOENT)) }
        do throws(SystemError) {
            try PosixFile.writeDurably([], to: fileName, in: directory)
        } catch {
            throw .storage(error)
        }
    }

    /// Whether the wish is not fulfilled yet.
    package static func isPending(in directory: String) -> Bool { PosixFile.exists("\(directory)/\(fileName)") }

    /// Whether an agent runs that can fulfil it.
    package static func isAgentRunning(in directory: String) -> Bool {
        let lock = "\(directory)/lock"
        return PosixFile.exists(lock) && ((try? PosixFile.lock(lock)) ?? nil) == nil
    }
}

import Glibc

/// A file with the id and the code of an activation, such as an installer leaves: two words. It is erased once the node is enrolled.
package struct ActivationFile: Sendable {
    package let path: String

    package init(path: String) {
        self.path = path
    }

    /// The activation, nil when there is no such file.
    /// - Throws: `AgentError.storage` when it cannot be read, `AgentError.damagedActivationFile` when it does not hold two words.
    package func read() throws(AgentError) -> (id: String, code: String)? {
        let bytes: [UInt8]?
        do throws(SystemError) {
            bytes = try PosixFile.read(path)
        } catch {
            throw .storage(error)
        }
        guard let bytes else { return nil }
        let words = bytes.split { $0 == 0x20 || (0x09...0x0D).contains($0) }.map { String(decoding: $0, as: UTF8.self) }
        guard words.count == 2 else { throw .damagedActivationFile(path) }
        return (words[0], words[1])
    }

    /// Erases the file; durable when this returns. Nothing happens when it is gone already.
    func erase() throws(SystemError) {
        guard unlink(path) == 0 else {
            if errno == ENOENT { return }
            throw SystemError("erase \(path)")
        }
        let parent = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        try PosixFile.syncDirectory(parent.isEmpty ? "/" : parent)
    }
}

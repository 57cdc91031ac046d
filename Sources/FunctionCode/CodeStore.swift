import Glibc
import Synchronization
import Threading

/// The code of functions on the disk: each archive once, unpacked and as it came, named by its digest.
///
/// `DIRECTORY/unpacked/DIGEST/` and `DIRECTORY/archives/DIGEST.zip` appear whole or not at all, and are on the disk before a function
/// refers to them. What no function refers to any more is removed at the next start; until then another function may take it up.
package final class CodeStore: Sendable {
    /// Bytes that a function's code may have unpacked (AWS Lambda Developer Guide, "Lambda quotas").
    package static let unpackedLimit = 262_144_000

    private let directory: String
    private let limit: Int
    private let mailbox = Mailbox<@Sendable () -> Void>()
    private let thread: DedicatedThread

    /// Opens the store in a directory, which is made when it is missing, and removes what an interrupted call left there.
    /// - Parameter limit: bytes that an archive may have unpacked.
    package init(directory: String, limit: Int = CodeStore.unpackedLimit) throws(CodeError) {
        self.directory = directory
        self.limit = limit
        // Functions with a user of their own pass through to their code, and may not list it.
        for path in [directory, directory + "/unpacked"] { try CodeStore.makeFolder(path, mode: 0o711) }
        for path in [directory + "/archives", directory + "/temporary"] { try CodeStore.makeFolder(path, mode: 0o700) }
        CodeStore.removeContents(of: directory + "/temporary")
        thread = DedicatedThread(name: "function-code") { [mailbox] in
            while let jobs = mailbox.drain() {
                for job in jobs { job() }
            }
        }
    }

    /// Where the unpacked code is: an absolute path when the store's directory is one.
    package func codeDirectory(_ digest: CodeDigest) -> String {
        directory + "/unpacked/" + digest.hexadecimal
    }

    /// Checks an archive without keeping it.
    package func check(_ archive: [UInt8]) async throws(CodeError) {
        try await run { [limit] () throws(CodeError) in _ = try ZipArchive(archive, limit: limit) }
    }

    /// Keeps an archive, unpacked and packed; both are on the disk when it returns.
    package func add(_ archive: [UInt8]) async throws(CodeError) -> CodeDigest {
        try await run { () throws(CodeError) in try self.store(archive) }
    }

    /// The archive as it came, nil when it is not there.
    package func archive(_ digest: CodeDigest) async throws(CodeError) -> [UInt8]? {
        try await run { () throws(CodeError) in try CodeStore.contents(of: self.archivePath(digest)) }
    }

    /// Removes all code but that of these digests. At start, before any function is changed.
    package func sweep(keeping digests: Set<CodeDigest>) async throws(CodeError) {
        try await run { () throws(CodeError) in
            for (folder, suffix) in [("unpacked", ""), ("archives", ".zip")] {
                for name in CodeStore.names(in: self.directory + "/" + folder) where name.hasSuffix(suffix) {
                    if let digest = CodeDigest(hexadecimal: name.dropLast(suffix.count)), digests.contains(digest) { continue }
                    CodeStore.remove(self.directory + "/" + folder + "/" + name)
                }
            }
        }
    }

    deinit { mailbox.close() }

    // MARK: - On the store's thread

    private func store(_ archive: [UInt8]) throws(CodeError) -> CodeDigest {
        let zip = try ZipArchive(archive, limit: limit)
        let digest = CodeDigest(of: archive)
        let code = codeDirectory(digest)
        // The folder comes last, so that its presence means that both are there.
        guard access(code, F_OK) != 0 else { return digest }
        let temporary = directory + "/temporary/" + digest.hexadecimal
        CodeStore.remove(temporary)
        CodeStore.remove(temporary + ".zip")
        defer { CodeStore.remove(temporary) }
        var folder = try CodeFolder(at: temporary)
        try folder.unpack(zip)
        try CodeFolder.write(archive, to: temporary + ".zip")
        try CodeStore.synchroniseAll(in: directory)
        try CodeStore.move(temporary + ".zip", to: archivePath(digest), in: directory + "/archives")
        try CodeStore.move(temporary, to: code, in: directory + "/unpacked")
        return digest
    }

    private func archivePath(_ digest: CodeDigest) -> String {
        directory + "/archives/" + digest.hexadecimal + ".zip"
    }

    private func run<Value: Sendable>(_ body: @escaping @Sendable () throws(CodeError) -> Value) async throws(CodeError) -> Value {
        let result: Result<Value, CodeError> = await withCheckedContinuation { continuation in
            let isAccepted = mailbox.post {
                let result: Result<Value, CodeError>
                do throws(CodeError) { result = .success(try body()) } catch { result = .failure(error) }
                continuation.resume(returning: result)
            }
            if !isAccepted { continuation.resume(returning: .failure(.storage("the server is stopping"))) }
        }
        return try result.get()
    }
}

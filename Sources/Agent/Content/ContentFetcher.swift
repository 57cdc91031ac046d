import AgentProtocol
import AsyncHTTPClient
import Glibc
import NIOCore
import NIOHTTP1
package import TimeSource

/// The program of an `aws:downloadContent` step: fetches an object, or all objects of a folder, from the agent's server.
///
/// It runs as the step's user, so its files belong to that user. Each object is written beside its destination and renamed once it is
/// whole: a stopped step leaves the old file or the new one. A server that is away is waited for, as long as the step may run.
package struct ContentFetcher {
    /// Why content could not be fetched: a sentence for the operator.
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    private static let timeout: TimeAmount = .seconds(60)
    /// How often an object may be replaced while it is read.
    private static let mostChanges = 10
    private static let firstDelay: Duration = .milliseconds(200)
    private static let longestDelay: Duration = .seconds(5)

    private let job: ContentJob
    private let client: HTTPClient
    private let clock: any ClockSource
    private let random: any RandomSource

    /// Does a job, in the current directory.
    /// - Returns: the sentence that Systems Manager's plugin prints.
    /// - Throws: `Failure`.
    package static func run(_ job: ContentJob, clock: any ClockSource, random: any RandomSource) async throws -> String {
        let client: HTTPClient
        do {
            client = try HTTPClient.forServer(
                authorities: job.authorities.map { Array($0.utf8) }, connectTimeout: .seconds(10), readTimeout: timeout)
        } catch {
            throw Failure(description: "the certificate authorities cannot be read: \(error)")
        }
        let fetcher = ContentFetcher(job: job, client: client, clock: clock, random: random)
        let result: Result<String, any Error>
        do {
            result = .success(try await fetcher.fetch())
        } catch let error as SystemError {
            result = .failure(Failure(description: error.description))
        } catch {
            result = .failure(error)
        }
        try? await client.shutdown()
        return try result.get()
    }

    private func fetch() async throws -> String {
        let source = job.source
        guard source.isFolder else {
            let target = Self.path(of: source.name, destination: job.destination)
            try Self.makeParents(of: target)
            try await fetch(source.key, to: target)
            return "Content downloaded to \(target)"
        }
        let folder = job.destination.isEmpty ? "." : job.destination
        try Self.makeDirectory(folder)
        var after: String?
        var count = 0
        while true {
            let keys = try await list(after: after)
            guard let last = keys.last else { break }
            for key in keys {
                // A key that ends in "/" is what consoles show as an empty folder.
                let target = try Self.path(of: key, below: source.key, in: folder)
                if key.hasSuffix("/") {
                    try Self.makeDirectory(target)
                    continue
                }
                try Self.makeParents(of: target)
                try await fetch(key, to: target)
                count += 1
            }
            after = last
        }
        guard count > 0 else { throw Failure(description: "there is no object below \(source.key) in the bucket \(source.bucket)") }
        return "Content downloaded to \(folder)"
    }

    // MARK: - Where to

    /// The file for a single object: the destination itself, or below it when it ends in `/` or is a directory.
    static func path(of name: String, destination: String) -> String {
        if destination.isEmpty { return name }
        if destination.hasSuffix("/") { return destination + name }
        return isDirectory(destination) ? "\(destination)/\(name)" : destination
    }

    /// The file for an object of a folder.
    /// - Throws: for a key that would lead out of the destination.
    static func path(of key: String, below prefix: String, in folder: String) throws(Failure) -> String {
        let rest = key.dropFirst(prefix.count)
        let names = rest.split(separator: "/", omittingEmptySubsequences: true)
        guard !names.contains(".."), !names.contains("."), !rest.utf8.contains(0) else {
            throw Failure(description: "the key \(key) cannot be the name of a file below \(folder)")
        }
        return (folder.hasSuffix("/") ? folder : folder + "/") + names.joined(separator: "/")
    }

    private static func isDirectory(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    private static func makeParents(of path: String) throws(SystemError) {
        guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return }
        try makeDirectory(String(path[..<slash]))
    }

    /// With the mode that the step's umask leaves.
    private static func makeDirectory(_ path: String) throws(SystemError) {
        if isDirectory(path) || mkdir(path, 0o777) == 0 { return }
        let code = errno
        guard code == ENOENT, let slash = path.lastIndex(of: "/"), slash != path.startIndex else {
            throw SystemError("create \(path)", code: code)
        }
        try makeDirectory(String(path[..<slash]))
        guard mkdir(path, 0o777) == 0 || isDirectory(path) else { throw SystemError("create \(path)") }
    }

    // MARK: - Content

    private func fetch(_ key: String, to path: String) async throws {
        let temporary = "\(path).\(hexadecimal(random.bytes(6))).part"
        // To be run, as Systems Manager's agent leaves it: what follows a download is mostly its start.
        let file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o777)
        guard file >= 0 else { throw SystemError("create \(temporary)") }
        do {
            defer { close(file) }
            try await write(key, to: file, temporary)
        } catch {
            unlink(temporary)
            throw error
        }
        guard rename(temporary, path) == 0 else {
            let error = SystemError("write \(path)")
            unlink(temporary)
            throw error
        }
    }

    private func write(_ key: String, to file: Int32, _ name: String) async throws {
        var offset: Int64 = 0
        var tag: String?
        var changes = 0
        while true {
            guard let piece = try await piece(key, offset, tag) else {
                changes += 1
                guard changes <= Self.mostChanges else {
                    throw Failure(description: "the object \(key) is replaced faster than it can be read")
                }
                guard ftruncate(file, 0) == 0, lseek(file, 0, SEEK_SET) == 0 else { throw SystemError("write \(name)") }
                (offset, tag) = (0, nil)
                continue
            }
            if piece.bytes.isEmpty { return }
            try Self.write(piece.bytes, to: file, name)
            offset += Int64(piece.bytes.count)
            tag = piece.tag
        }
    }

    private static func write(_ bytes: [UInt8], to file: Int32, _ name: String) throws(SystemError) {
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress?.advanced(by: done), $0.count - done) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw SystemError("write \(name)") }
            done += count
        }
    }

    // MARK: - The server

    private func list(after: String?) async throws -> [String] {
        let answer = try await get(.list(after: after))
        guard let listing = try? ContentListing(bytes: answer?.bytes ?? []) else {
            throw Failure(description: "the server's list of objects cannot be read")
        }
        return listing.keys
    }

    /// nil when the object is another version than `tag` by now.
    private func piece(_ key: String, _ offset: Int64, _ tag: String?) async throws -> (bytes: [UInt8], tag: String?)? {
        try await get(.piece(key: key, offset: offset, tag: tag))
    }

    /// Asks until there is an answer. nil for a conflict.
    private func get(_ request: ContentRequest) async throws -> (bytes: [UInt8], tag: String?)? {
        var delay = Self.firstDelay
        while true {
            do {
                var asked = HTTPClientRequest(url: job.serverURL + request.target(grant: job.grant))
                asked.method = .GET
                let answer = try await client.execute(asked, timeout: Self.timeout)
                let bytes = Array(try await answer.body.collect(upTo: ContentRequest.pieceBytes * 2).readableBytesView)
                switch answer.status.code {
                case 200: return (bytes, answer.headers.first(name: ContentRequest.tagHeader))
                case 409: return nil
                case 500...: break
                default:
                    throw Failure(description: (try? Refusal(bytes: bytes))?.message ?? "the server answered \(answer.status.code)")
                }
            } catch let failure as Failure {
                throw failure
            } catch {
                // Not reached, or cut off: as for the agent itself, the server will be back.
                try Task.checkCancellation()
            }
            try await clock.sleep(for: delay)
            delay = min(delay * 2, Self.longestDelay)
        }
    }
}

import Foundation
import TimeSource

@testable import LogStorage

/// A directory of its own for a test, removed with its last reference.
final class TemporaryDirectory: Sendable {
    let path: String

    init() {
        path = NSTemporaryDirectory() + "/log-storage-" + UUID().uuidString
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// A copy of the directory as it lies on the disk right now: what a killed process leaves behind.
    func copy() throws -> TemporaryDirectory {
        let copy = TemporaryDirectory()
        try FileManager.default.copyItem(atPath: path, toPath: copy.path)
        return copy
    }

    /// The files below, by their path from here.
    var files: [String] {
        (FileManager.default.enumerator(atPath: path)?.allObjects as? [String] ?? []).filter { name in
            var isDirectory: ObjCBool = false
            return FileManager.default.fileExists(atPath: path + "/" + name, isDirectory: &isDirectory) && !isDirectory.boolValue
        }.sorted()
    }

    var segments: [String] { files.filter { $0.hasSuffix(".log") } }

    func content(of file: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(fileURLWithPath: path + "/" + file))) }

    func write(_ bytes: [UInt8], to file: String) throws { try Data(bytes).write(to: URL(fileURLWithPath: path + "/" + file)) }
}

extension LogGroupName {
    static let test = LogGroupName(account: "000000000000", name: "/aws/ssm/AWS-RunShellScript")
}

extension LogStore {
    static func fixture(
        in directory: TemporaryDirectory, options: LogStoreOptions = LogStoreOptions(), clock: ManualClock = ManualClock()
    ) async throws -> LogStore {
        try await open(directory: directory.path, options: options, clock: clock, random: SeededRandomSource(seed: 7))
    }

    /// Appends texts whose times follow one another from `time` on.
    @discardableResult
    func append(
        texts: [String], at time: Int64 = 1_000, to stream: String = "s", in group: LogGroupName = .test, source: SourceRange? = nil,
        durability: LogDurability = .flushed
    ) async throws -> LogAppendResult {
        let entries = texts.enumerated().map {
            LogEntry(timestamp: Timestamp(milliseconds: time + Int64($0)), message: Array($1.utf8))
        }
        return try await append(entries, to: stream, in: group, source: source, durability: durability)
    }

    /// All texts of a stream, read forward page by page.
    func texts(of stream: String = "s", in group: LogGroupName = .test, pageSize: Int = 10_000) async throws -> [String] {
        var texts: [String] = []
        var token: String?
        while true {
            let page = try await events(of: stream, in: group, limit: pageSize, start: .head, token: token)
            if page.events.isEmpty { return texts }
            texts += page.events.map(\.text)
            token = page.forwardToken
        }
    }

    /// All events of a group, searched page by page.
    func search(_ query: LogFilterQuery = LogFilterQuery(), in group: LogGroupName = .test) async throws -> [LogEvent] {
        var query = query
        var events: [LogEvent] = []
        repeat {
            let page = try await filter(group, query)
            events += page.events
            query.token = page.nextToken
        } while query.token != nil
        return events
    }
}

extension LogStoreOptions {
    /// Everything so small that a few events make several segments, chunks and pages.
    static var tiny: LogStoreOptions {
        var options = LogStoreOptions()
        options.segmentSize = 600
        options.indexInterval = 150
        options.pageSize = 64
        options.scanLimit = 200
        options.maximumOpenFiles = 2
        return options
    }
}

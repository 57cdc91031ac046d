import Synchronization
import Testing
import TimeSource

@testable import LogStorage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// What a killed process or a failing disk leaves behind.
struct LogStoreCrashTests {
    private let directory = TemporaryDirectory()

    private func store(in directory: TemporaryDirectory, _ options: LogStoreOptions = LogStoreOptions()) async throws -> LogStore {
        let store = try await LogStore.fixture(in: directory, options: options)
        try await store.ensureGroup(.test)
        try await store.ensureStream("s", in: .test)
        return store
    }

    /// Appends and notes how long the one segment was at each acknowledgement.
    private func lengths(_ store: LogStore, _ texts: [String], at time: Int64) async throws -> [(length: Int, text: String)] {
        var lengths: [(Int, String)] = []
        for (index, text) in texts.enumerated() {
            try await store.append(texts: [text], at: time + Int64(index))
            lengths.append((try directory.content(of: directory.segments[0]).count, text))
        }
        return lengths
    }

    @Test func aTailCutAtAnyByteLosesNothingAcknowledgedBefore() async throws {
        // The index knows the first two events, the others have to be found by reading.
        let first = try await store(in: directory)
        var acknowledged = try await lengths(first, ["one", "two"], at: 1)
        await first.close()
        let second = try await store(in: directory)
        acknowledged += try await lengths(second, ["three", "", "five is somewhat longer"], at: 3)

        let segment = directory.segments[0]
        let content = try directory.content(of: segment)
        let headerLength = try #require(SegmentHeader.decode(content)).end
        for length in headerLength...content.count {
            let crashed = try directory.copy()
            try crashed.write(Array(content[..<length]), to: segment)
            let reopened = try await LogStore.fixture(in: crashed)
            let expected = acknowledged.filter { $0.length <= length }.map(\.text)
            #expect(try await reopened.texts() == expected, "cut at \(length)")
            // The next append follows the last whole event, and is found again.
            try await reopened.append(texts: ["next"], at: 99)
            #expect(try await reopened.texts() == expected + ["next"])
            await reopened.close()
        }
        await second.close()
    }

    @Test func aTornLastWriteOfAnyShapeIsCutOff() async throws {
        let first = try await store(in: directory)
        let acknowledged = try await lengths(first, ["kept", "torn"], at: 1)
        let segment = directory.segments[0]
        let content = try directory.content(of: segment)
        let crashed = try directory.copy()
        for position in acknowledged[0].length..<content.count {
            var damaged = content
            damaged[position] ^= 0x40
            try crashed.write(damaged, to: segment)
            let reopened = try await LogStore.fixture(in: crashed)
            #expect(try await reopened.texts() == ["kept"], "damaged at \(position)")
            #expect(reopened.recovery.truncated.count == 1)
            await reopened.close()
        }
        // A file system may extend a file before it writes the content.
        try crashed.write(content + [UInt8](repeating: 0, count: 4_096), to: segment)
        let reopened = try await LogStore.fixture(in: crashed)
        #expect(try await reopened.texts() == ["kept", "torn"])
        await reopened.close()
        await first.close()
    }

    @Test func aSegmentWhoseCreationWasCutShortIsNoStream() async throws {
        let first = try await store(in: directory)
        let segment = directory.segments[0]
        let content = try directory.content(of: segment)
        let crashed = try directory.copy()
        for length in 0..<content.count {
            try crashed.write(Array(content[..<length]), to: segment)
            let reopened = try await LogStore.fixture(in: crashed)
            #expect(try reopened.stream("s", in: .test) == nil)
            try await reopened.createStream("s", in: .test)
            try await reopened.deleteStream("s", in: .test)
            await reopened.close()
        }
        await first.close()
    }

    @Test func aDamagedIndexCostsNothingButTime() async throws {
        let first = try await store(in: directory, .tiny)
        for index in 0..<30 { try await first.append(texts: ["event \(index)"], at: Int64(index)) }
        await first.close()
        let index = try #require(directory.files.first { $0.hasSuffix("/index") })
        let content = try directory.content(of: index)
        for length in stride(from: 0, to: content.count, by: 37) {
            try directory.write(Array(content[..<length]), to: index)
            let reopened = try await LogStore.fixture(in: directory, options: .tiny)
            #expect(try await reopened.texts() == (0..<30).map { "event \($0)" })
            #expect(reopened.recovery.scannedBytes > 0 && reopened.recovery.damaged.isEmpty)
            await reopened.close()
        }
    }

    @Test func damageToAcknowledgedBytesIsReportedByReading() async throws {
        let first = try await store(in: directory)
        try await first.append(texts: ["precious"])
        await first.close()
        let segment = directory.segments[0]
        var content = try directory.content(of: segment)
        content[content.count - 3] ^= 1
        try directory.write(content, to: segment)
        let second = try await LogStore.fixture(in: directory)
        do {
            _ = try await second.texts()
            Issue.record("damaged bytes were answered")
        } catch let error as LogStoreError {
            #expect(error.code == .corrupt)
            #expect(!error.message.contains("precious"))
        }
        await second.close()
    }

    @Test func aDeletionThatWasCutShortIsFinishedAtTheNextStart() async throws {
        let first = try await store(in: directory, .tiny)
        for index in 0..<20 { try await first.append(texts: ["event \(index)"], at: Int64(index)) }
        let crashed = try directory.copy()
        await first.close()
        let group = try #require(crashed.segments.first?.prefix(8))
        try crashed.write([], to: group + "/00000001.deleted")
        let second = try await LogStore.fixture(in: crashed, options: .tiny)
        #expect(try second.stream("s", in: .test) == nil)
        #expect(crashed.files == [group + "/group"])
        await second.close()
    }

    @Test(arguments: [ENOSPC, EDQUOT])
    func aFullDiskIsToldAndHarmsNothing(number: Int32) async throws {
        let isFull = Mutex(false)
        var options = LogStoreOptions.tiny
        options.faults = { operation, path in
            guard operation == .write, path.hasSuffix(".log") else { return nil }
            return isFull.withLock { $0 } ? number : nil
        }
        let store = try await store(in: directory, options)
        try await store.append(texts: ["before"])
        for round in 0..<10 {
            isFull.withLock { $0 = true }
            for durability in [LogDurability.flushed, .buffered] {
                do {
                    try await store.append(texts: ["lost"], at: 5, durability: durability)
                    Issue.record("a full disk took an event")
                } catch let error as LogStoreError {
                    #expect(error.code == .storageFull && error.outcome == .notApplied)
                }
            }
            await #expect(throws: LogStoreError.self) { try await store.createStream("t", in: .test) }
            isFull.withLock { $0 = false }
            try await store.append(texts: ["after \(round), long enough to fill a segment now and then"], at: Int64(2_000 + round))
        }
        let expected = ["before"] + (0..<10).map { "after \($0), long enough to fill a segment now and then" }
        #expect(try await store.texts() == expected)
        let crashed = try directory.copy()
        await store.close()
        let reopened = try await LogStore.fixture(in: crashed)
        #expect(try await reopened.texts() == expected)
        #expect(reopened.recovery.truncated.isEmpty)
        await reopened.close()
    }

    @Test func aSegmentThatCannotBeCutBackIsFollowedByANewOne() async throws {
        let fails = Mutex(false)
        var options = LogStoreOptions()
        options.faults = { operation, path in
            guard operation == .write || operation == .truncate, path.hasSuffix("-00000000.log") else { return nil }
            return fails.withLock { $0 } ? EIO : nil
        }
        let store = try await store(in: directory, options)
        try await store.append(texts: ["before"])
        fails.withLock { $0 = true }
        await #expect(throws: LogStoreError.self) { try await store.append(texts: ["lost"]) }
        try await store.append(texts: ["after"], at: 2_000)
        #expect(directory.segments.count == 2)
        #expect(try await store.texts() == ["before", "after"])
        await store.close()
    }

    @Test func afterAFailedSynchronisationNothingIsAcknowledgedAnyMore() async throws {
        let fails = Mutex(false)
        let reported = Mutex<[LogStoreError]>([])
        var options = LogStoreOptions()
        options.faults = { operation, path in
            operation == .synchronise && path.hasSuffix(".log") && fails.withLock { $0 } ? EIO : nil
        }
        options.onFatalFailure = { error in reported.withLock { $0.append(error) } }
        let store = try await store(in: directory, options)
        try await store.append(texts: ["before"])
        fails.withLock { $0 = true }
        do {
            try await store.append(texts: ["unknown"])
            Issue.record("an event was acknowledged that is not on the disk")
        } catch let error as LogStoreError {
            #expect(error.code == .ioFailure && error.outcome == .unknown)
        }
        fails.withLock { $0 = false }
        await #expect(throws: LogStoreError.self) { try await store.append(texts: ["after"]) }
        #expect(reported.withLock { $0.count } == 1)
        await store.close()
    }

    @Test func concurrentFlushedAppendsShareTheirSynchronisation() async throws {
        let synchronised = Mutex(0)
        var options = LogStoreOptions()
        options.faults = { operation, path in
            if operation == .synchronise, path.hasSuffix(".log") { synchronised.withLock { $0 += 1 } }
            return nil
        }
        let store = try await store(in: directory, options)
        // A change that keeps the writer busy until all appends wait.
        let gate = Gate()
        async let blocked: Void = store.change { _ throws(LogStoreError) in gate.wait() }
        await gate.reached()
        let before = synchronised.withLock { $0 }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<50 { group.addTask { try await store.append(texts: ["\(index)"]) } }
            while store.queuedAppends < 50 { await Task.yield() }
            gate.open()
            try await group.waitForAll()
        }
        try await blocked
        #expect(synchronised.withLock { $0 } - before == 1)
        #expect(try await store.texts().count == 50)
        await store.close()
    }

    @Test func tooMuchWaitingIsRefused() async throws {
        var options = LogStoreOptions()
        options.maximumQueuedBytes = 10
        options.maximumBatchSize = 20
        let store = try await store(in: directory, options)
        await #expect(throws: LogStoreError(.batchTooLarge, "a batch of 21 bytes exceeds the limit of 20 bytes")) {
            try await store.append(texts: [String(repeating: "x", count: 21)])
        }
        let gate = Gate()
        async let blocked: Void = store.change { _ throws(LogStoreError) in gate.wait() }
        await gate.reached()
        async let waiting = store.append(texts: ["12345678"])
        while store.queuedAppends == 0 { await Task.yield() }
        do {
            try await store.append(texts: ["12345678"])
            Issue.record("the queue has no bound")
        } catch let error as LogStoreError {
            #expect(error.code == .overloaded)
        }
        gate.open()
        _ = try await (blocked, waiting)
        await store.close()
    }
}

/// Blocks a thread of the store until a test lets it go.
private final class Gate: Sendable {
    private let isOpen = Mutex(false)
    private let isReached = Mutex(false)

    func open() { isOpen.withLock { $0 = true } }

    func wait() {
        isReached.withLock { $0 = true }
        while !isOpen.withLock({ $0 }) { sched_yield() }
    }

    func reached() async { while !isReached.withLock({ $0 }) { await Task.yield() } }
}

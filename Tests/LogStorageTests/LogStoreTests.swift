import Testing
import TimeSource

@testable import LogStorage

struct LogStoreTests {
    private let directory = TemporaryDirectory()

    private func store(_ options: LogStoreOptions = LogStoreOptions(), clock: ManualClock = ManualClock()) async throws -> LogStore {
        let store = try await LogStore.fixture(in: directory, options: options, clock: clock)
        try await store.ensureGroup(.test)
        try await store.ensureStream("s", in: .test)
        return store
    }

    @Test func eventsAreThereAfterARestart() async throws {
        let clock = ManualClock()
        let first = try await store(clock: clock)
        try await first.append(texts: ["one", "two"], at: 5)
        clock.advance(by: .seconds(3))
        try await first.append(texts: ["", "größer"], at: 9)
        try await first.setRetention(30, of: .test)
        try await first.changeTags(of: .test, setting: ["team": "batch", "x": "1"], removing: [])
        try await first.changeTags(of: .test, removing: ["x"])
        let before = try await first.events(of: "s", in: .test).events
        await first.close()

        let second = try await store(clock: clock)
        #expect(second.recovery.groups == 1 && second.recovery.streams == 1)
        #expect(second.recovery.scannedBytes == 0, "the saved index spares reading")
        #expect(try await second.events(of: "s", in: .test).events == before)
        #expect(before.map(\.text) == ["one", "two", "", "größer"])
        #expect(before.map(\.timestamp.milliseconds) == [5, 6, 9, 10])
        #expect(before[2].ingestedAt - before[0].ingestedAt == .seconds(3))
        let group = try #require(second.group(.test))
        #expect(group.retentionInDays == 30)
        #expect(group.tags == ["team": "batch"])
        let stream = try #require(try second.stream("s", in: .test))
        #expect(stream.firstEventAt?.milliseconds == 5 && stream.lastEventAt?.milliseconds == 10)
        #expect(stream.storedBytes == 14 && group.storedBytes == 14)
        await second.close()
    }

    @Test func eventIDsAreUniqueDigitsAndStayTheSame() async throws {
        let first = try await store(.tiny)
        try await first.ensureStream("t", in: .test)
        for round in 0..<20 {
            try await first.append(texts: ["a", "b"], at: Int64(round % 3))
            try await first.append(texts: ["a"], at: Int64(round % 3), to: "t")
        }
        let ids = try await first.search().map(\.id)
        #expect(Set(ids).count == 60)
        #expect(ids.allSatisfy { $0.utf8.count == 56 && $0.allSatisfy(\.isNumber) })
        #expect(ids.map { $0.prefix(16) } == ids.map { $0.prefix(16) }.sorted(), "they begin with the time")
        await first.close()
        let second = try await store(.tiny)
        #expect(try await second.search().map(\.id) == ids)
        await second.close()
    }

    @Test func readingBackwardStartsWithTheLatestPage() async throws {
        let store = try await store()
        try await store.append(texts: (0..<10).map(String.init))
        let last = try await store.events(of: "s", in: .test, limit: 4)
        #expect(last.events.map(\.text) == ["6", "7", "8", "9"])
        let middle = try await store.events(of: "s", in: .test, limit: 4, token: last.backwardToken)
        #expect(middle.events.map(\.text) == ["2", "3", "4", "5"])
        let first = try await store.events(of: "s", in: .test, limit: 4, token: middle.backwardToken)
        #expect(first.events.map(\.text) == ["0", "1"])
        let none = try await store.events(of: "s", in: .test, limit: 4, token: first.backwardToken)
        #expect(none.events.isEmpty)
        #expect(none.backwardToken == first.backwardToken, "the end is told by the same token")
        let again = try await store.events(of: "s", in: .test, limit: 4, token: middle.forwardToken)
        #expect(again.events.map(\.text) == ["6", "7", "8", "9"])
        await store.close()
    }

    @Test func aForwardTokenAtTheEndFindsWhatIsAppendedLater() async throws {
        let store = try await store()
        let empty = try await store.events(of: "s", in: .test)
        try await store.append(texts: ["a"], at: 5)
        let first = try await store.events(of: "s", in: .test, token: empty.forwardToken)
        #expect(first.events.map(\.text) == ["a"])
        let end = try await store.events(of: "s", in: .test, token: first.forwardToken)
        #expect(end.events.isEmpty && end.forwardToken == first.forwardToken)
        try await store.append(texts: ["b"], at: 5)
        #expect(try await store.events(of: "s", in: .test, token: end.forwardToken).events.map(\.text) == ["b"])
        await store.close()
    }

    @Test func timeRangesIncludeTheirStartOnly() async throws {
        let store = try await store()
        try await store.append(texts: ["1", "2", "3", "4"], at: 1)
        let page = try await store.events(
            of: "s", in: .test, from: Timestamp(milliseconds: 2), before: Timestamp(milliseconds: 4), start: .head)
        #expect(page.events.map(\.text) == ["2", "3"])
        await store.close()
    }

    @Test(arguments: ["", "nonsense", "f/", "f/00", "b/zz", "f/0000000000000000000000000000000000000000"])
    func foreignTokensAreRefused(token: String) async throws {
        let store = try await store()
        await #expect(throws: LogStoreError(.invalidToken, "the specified nextToken is invalid")) {
            try await store.events(of: "s", in: .test, token: token)
        }
        var query = LogFilterQuery()
        query.token = token
        let asked = query
        await #expect(throws: LogStoreError.self) { try await store.filter(.test, asked) }
        #expect(throws: LogStoreError.self) { try store.streams(in: .test, limit: 1, token: token) }
        await store.close()
    }

    @Test func whatIsMissingOrThereAlreadyIsNamed() async throws {
        let store = try await store()
        let other = LogGroupName(account: "111111111111", name: LogGroupName.test.name)
        func code(_ body: () async throws -> Void) async -> LogStoreError.Code? {
            do { try await body() } catch { return (error as? LogStoreError)?.code }
            return nil
        }
        #expect(await code { try await store.createGroup(.test) } == .groupExists)
        #expect(await code { try await store.createStream("s", in: .test) } == .streamExists)
        #expect(await code { try await store.createStream("s", in: other) } == .groupNotFound, "accounts are apart")
        #expect(await code { try await store.append(texts: ["x"], to: "t") } == .streamNotFound)
        #expect(await code { try await store.append(texts: ["x"], in: other) } == .groupNotFound)
        #expect(await code { try await store.deleteStream("t", in: .test) } == .streamNotFound)
        #expect(await code { try await store.deleteGroup(other) } == .groupNotFound)
        #expect(await code { _ = try await store.filter(other, LogFilterQuery()) } == .groupNotFound)
        #expect(store.group(other) == nil)
        #expect(try store.stream("t", in: .test) == nil)
        await store.close()
        #expect(await code { try await store.append(texts: ["x"]) } == .closed)
        #expect(await code { _ = try await store.events(of: "s", in: .test) } == .closed)
    }

    @Test(arguments: [
        "2026/01/01/[$LATEST]0123456789abcdef", "a/b/../../../etc/passwd", "..", ".", " ", "\u{0}", "name\nwith line",
        String(repeating: "ü", count: 512), "e\u{301}", "é",
    ])
    func streamNamesAreKeptByteForByte(name: String) async throws {
        let first = try await store()
        try await first.createStream(name, in: .test)
        try await first.append(texts: [name], to: name)
        await first.close()
        let second = try await store()
        #expect(try await second.texts(of: name) == [name])
        let listed = try second.streams(in: .test, limit: 10).streams.map { Array($0.name.utf8) }
        #expect(listed.contains(Array(name.utf8)))
        await second.close()
    }

    @Test func namesThatDifferInNormalisationOnlyAreTwoStreams() async throws {
        let store = try await store()
        try await store.createStream("e\u{301}", in: .test)
        try await store.createStream("é", in: .test)
        try await store.append(texts: ["composed"], to: "é")
        #expect(try await store.texts(of: "e\u{301}").isEmpty)
        await store.close()
    }

    @Test func streamsAreListedByNameOrByLastEvent() async throws {
        let store = try await store()
        for (index, name) in ["b/2", "b/1", "a", "c"].enumerated() {
            try await store.createStream(name, in: .test)
            try await store.append(texts: ["x"], at: Int64(100 - index), to: name)
        }
        func list(_ order: LogStreamOrder, descending: Bool = false, prefix: String = "") throws -> [String] {
            var names: [String] = []
            var token: String?
            repeat {
                let page = try store.streams(
                    in: .test, prefix: prefix, order: order, descending: descending, limit: 2, token: token)
                names += page.streams.map(\.name)
                token = page.nextToken
            } while token != nil
            return names
        }
        #expect(try list(.name) == ["a", "b/1", "b/2", "c", "s"])
        #expect(try list(.name, descending: true) == ["s", "c", "b/2", "b/1", "a"])
        #expect(try list(.name, prefix: "b/") == ["b/1", "b/2"])
        #expect(try list(.lastEvent) == ["s", "c", "a", "b/1", "b/2"])
        #expect(try list(.lastEvent, descending: true) == ["b/2", "b/1", "a", "c", "s"])
        await store.close()
    }

    @Test func groupsAreListedByName() async throws {
        let store = try await store()
        for name in ["/b", "/a/x", "/a/y"] { try await store.createGroup(LogGroupName(account: "1", name: name)) }
        var names: [String] = []
        var token: String?
        repeat {
            let page = try store.groups(account: "1", limit: 2, token: token)
            names += page.groups.map(\.name.name)
            token = page.nextToken
        } while token != nil
        #expect(names == ["/a/x", "/a/y", "/b"])
        #expect(try store.groups(account: "1", prefix: "/a", limit: 9).groups.count == 2)
        #expect(try store.groups(account: "1", containing: "y", limit: 9).groups.map(\.name.name) == ["/a/y"])
        #expect(try store.groups(account: "1", limit: 3).nextToken == nil)
        await store.close()
    }

    @Test func deletingRemovesTheFiles() async throws {
        let first = try await store(.tiny)
        try await first.createStream("t", in: .test)
        for _ in 0..<20 { try await first.append(texts: ["some longer text"], to: "s") }
        try await first.append(texts: ["stays"], to: "t")
        #expect(directory.segments.count > 3)
        try await first.deleteStream("s", in: .test)
        #expect(directory.segments.count == 1)
        try await first.createStream("s", in: .test)
        #expect(try await first.texts().isEmpty)
        await first.close()
        let second = try await store(.tiny)
        #expect(try await second.texts().isEmpty)
        #expect(try await second.texts(of: "t") == ["stays"])
        try await second.deleteGroup(.test)
        #expect(directory.files.isEmpty)
        await second.close()
        let third = try await LogStore.fixture(in: directory)
        #expect(third.group(.test) == nil)
        await third.close()
    }

    @Test func aPieceOfASourceIsStoredOnce() async throws {
        let first = try await store()
        #expect(try first.sourceOffset(of: "s", in: .test) == 0)
        #expect(try await first.append(texts: ["a"], source: SourceRange(start: 0, end: 2)) == .appended)
        #expect(try await first.append(texts: ["a"], source: SourceRange(start: 0, end: 2)) == .duplicate)
        await #expect(throws: LogStoreError.self) {
            try await first.append(texts: ["gap"], source: SourceRange(start: 3, end: 4))
        }
        do {
            try await first.append(texts: ["overlap"], source: SourceRange(start: 1, end: 5))
        } catch let error as LogStoreError {
            #expect(error.code == .sourceOffsetMismatch && error.expectedSourceOffset == 2 && error.outcome == .notApplied)
        }
        #expect(try await first.append(texts: [], source: SourceRange(start: 2, end: 3)) == .appended)
        let crashed = try directory.copy()
        await first.close()
        for place in [directory, crashed] {
            let second = try await LogStore.fixture(in: place)
            #expect(try second.sourceOffset(of: "s", in: .test) == 3)
            #expect(try await second.append(texts: ["a"], source: SourceRange(start: 0, end: 2)) == .duplicate)
            #expect(try await second.append(texts: ["b"], source: SourceRange(start: 3, end: 5)) == .appended)
            #expect(try await second.texts() == ["a", "b"])
            await second.close()
        }
    }

    @Test func aSourcesOffsetSurvivesSegmentsAndRetention() async throws {
        let clock = ManualClock()
        let first = try await store(.tiny, clock: clock)
        try await first.setRetention(1, of: .test)
        for index in 0..<30 {
            try await first.append(
                texts: ["line \(index)"], at: clock.now.milliseconds, source: SourceRange(start: Int64(index), end: Int64(index + 1)))
        }
        clock.advance(by: .seconds(2 * 86_400))
        try await first.append(texts: ["new"], at: clock.now.milliseconds, source: SourceRange(start: 30, end: 31))
        let report = try await first.prune(now: clock.now)
        #expect(report.segments > 0 && report.streams == 0)
        await first.close()
        let second = try await store(.tiny, clock: clock)
        #expect(try second.sourceOffset(of: "s", in: .test) == 31)
        #expect(try await second.texts() == ["new"])
        await second.close()
    }

    @Test func retentionRemovesExpiredSegmentsAndUnusedStreams() async throws {
        let clock = ManualClock()
        let store = try await store(clock: clock)
        try await store.createStream("old", in: .test)
        try await store.append(texts: ["x"], at: clock.now.milliseconds, to: "old")
        try await store.append(texts: ["first day"], at: clock.now.milliseconds)
        #expect(try await store.prune(now: clock.now + .seconds(999 * 86_400)) == LogPruneReport(), "kept for ever without a retention")
        try await store.setRetention(3, of: .test)
        for day in 1...5 {
            clock.advance(by: .seconds(86_400))
            try await store.append(texts: ["day \(day)"], at: clock.now.milliseconds)
        }
        let report = try await store.prune(now: clock.now)
        #expect(report == LogPruneReport(streams: 1, segments: 3, bytes: 1 + 9 + 5))
        #expect(try await store.texts() == ["day 2", "day 3", "day 4", "day 5"])
        #expect(try store.streams(in: .test, limit: 9).streams.map(\.name) == ["s"])
        await store.close()
    }

    @Test func aLiveTailSeesWhatIsAppended() async throws {
        let store = try await store()
        try await store.createStream("t", in: .test)
        try await store.append(texts: ["before"])
        let tail = try store.tail(.test, streams: .named(["s"]), matches: { $0.first != UInt8(ascii: "-") })
        try await store.append(texts: ["a", "-", "b"])
        try await store.append(texts: ["other"], to: "t")
        try await store.append(texts: ["c"])
        let reader = Task {
            var texts: [String] = []
            for await update in tail { texts += update.events.map(\.text) }
            return texts
        }
        try await store.deleteGroup(.test)
        #expect(await reader.value == ["a", "b", "c"])
        await store.close()
    }

    @Test func aSlowLiveTailIsToldWhatItLost() async throws {
        var options = LogStoreOptions()
        options.tailBacklog = 2
        let store = try await store(options)
        let tail = try store.tail(.test)
        for index in 0..<5 { try await store.append(texts: ["\(index)", "x"]) }
        var iterator = tail.makeAsyncIterator()
        #expect(await iterator.next()?.events.first?.text == "0")
        #expect(await iterator.next()?.dropped == 0)
        try await store.append(texts: ["last"])
        let update = await iterator.next()
        #expect(update?.dropped == 6 && update?.events.map(\.text) == ["last"])
        await store.close()
        #expect(await iterator.next() == nil)
    }

    @Test func manyStreamsNeedFewOpenFiles() async throws {
        let first = try await store(.tiny)
        for index in 0..<40 { try await first.createStream("t\(index)", in: .test) }
        for round in 0..<3 {
            for index in 0..<40 { try await first.append(texts: ["\(round)"], at: Int64(round), to: "t\(index)", durability: .buffered) }
        }
        await first.close()
        let second = try await store(.tiny)
        for index in 0..<40 { #expect(try await second.texts(of: "t\(index)") == ["0", "1", "2"]) }
        await second.close()
    }
}

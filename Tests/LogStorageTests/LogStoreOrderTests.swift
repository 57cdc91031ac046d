import Testing
import TimeSource

@testable import LogStorage

/// Properties of reading, against a plain model: events sorted by time and arrival.
struct LogStoreOrderTests {
    private struct Model {
        var events: [(stream: String, time: Int64, text: String)] = []

        func sorted(_ isWanted: (String, Int64, String) -> Bool) -> [String] {
            events.enumerated().filter { isWanted($1.stream, $1.time, $1.text) }
                .sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }.map(\.element.text)
        }
    }

    /// Batches with times out of order, equal times and empty batches, in three streams.
    private func fill(_ store: LogStore, seed: UInt64, batches: Int) async throws -> Model {
        let random = SeededRandomSource(seed: seed)
        var model = Model()
        for _ in 0..<batches {
            let stream = ["s", "t", "u"][Int(random.number(below: 3))]
            let entries = (0..<random.number(below: 4)).map { index in
                let text = String(repeating: "x", count: Int(random.number(below: 30))) + "-\(model.events.count)-\(index)"
                return LogEntry(timestamp: Timestamp(milliseconds: Int64(random.number(below: 25))), message: Array(text.utf8))
            }
            try await store.append(entries, to: stream, in: .test, durability: random.number(below: 2) == 0 ? .flushed : .buffered)
            model.events += entries.map { (stream, $0.timestamp.milliseconds, String(decoding: $0.message, as: UTF8.self)) }
        }
        return model
    }

    private func store(_ directory: TemporaryDirectory) async throws -> LogStore {
        let store = try await LogStore.fixture(in: directory, options: .tiny)
        try await store.ensureGroup(.test)
        for name in ["s", "t", "u"] { try await store.ensureStream(name, in: .test) }
        return store
    }

    @Test(arguments: [UInt64(1), 2, 3, 4, 5, 6])
    func pagesPutTogetherAreTheSortedEvents(seed: UInt64) async throws {
        let directory = TemporaryDirectory()
        let first = try await store(directory)
        let model = try await fill(first, seed: seed, batches: 60)
        let crashed = try directory.copy()
        await first.close()
        for place in [directory, crashed] {
            let store = try await store(place)
            for stream in ["s", "t", "u"] {
                let expected = model.sorted { name, _, _ in name == stream }
                #expect(try await store.texts(of: stream, pageSize: 3) == expected)
                #expect(try await backward(store, stream) == expected)
            }
            #expect(try await store.search().map(\.text) == model.sorted { _, _, _ in true })

            var query = LogFilterQuery()
            query.limit = 2
            query.streams = .named(["u", "s", "absent"])
            query.from = Timestamp(milliseconds: 5)
            query.before = Timestamp(milliseconds: 20)
            query.matches = { $0.last == UInt8(ascii: "0") }
            let found = try await store.search(query).map(\.text)
            #expect(found == model.sorted { name, time, text in name != "t" && (5..<20).contains(time) && text.hasSuffix("0") })
            await store.close()
        }
    }

    private func backward(_ store: LogStore, _ stream: String) async throws -> [String] {
        var texts: [String] = []
        var token: String?
        while true {
            let page = try await store.events(of: stream, in: .test, limit: 3, token: token)
            if page.events.isEmpty { return texts }
            texts = page.events.map(\.text) + texts
            token = page.backwardToken
        }
    }

    @Test func aSearchWithoutMatchesEndsAfterBoundedPages() async throws {
        let directory = TemporaryDirectory()
        let store = try await store(directory)
        for time in 0..<50 { try await store.append(texts: ["nothing of interest"], at: Int64(time)) }
        var query = LogFilterQuery()
        query.matches = { _ in false }
        let page = try await store.filter(.test, query)
        #expect(page.events.isEmpty && page.nextToken != nil)
        #expect(try await store.search(query).isEmpty)
        await store.close()
    }

    @Test func pagingNeitherSkipsNorRepeatsWhileOthersAppend() async throws {
        let directory = TemporaryDirectory()
        let store = try await store(directory)
        let initial = (0..<60).map { "old \($0)" }
        for (index, text) in initial.enumerated() { try await store.append(texts: [text], at: Int64(index % 10), to: index % 2 == 0 ? "s" : "t") }
        let appender = Task {
            for index in 0..<200 { try await store.append(texts: ["new \(index)"], at: Int64(index % 12), to: "u") }
        }
        var query = LogFilterQuery()
        query.limit = 3
        let seen = try await store.search(query)
        try await appender.value
        #expect(Set(seen.map(\.id)).count == seen.count)
        #expect(Set(seen.map(\.text)).isSuperset(of: initial))
        await store.close()
    }

    @Test func concurrentAppendsAllArriveOnceAndInOrderPerWriter() async throws {
        let directory = TemporaryDirectory()
        let store = try await store(directory)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<20 {
                group.addTask {
                    for index in 0..<25 {
                        try await store.append(texts: ["\(writer) \(index)"], at: 7, to: ["s", "t", "u"][writer % 3], durability: index % 5 == 0 ? .flushed : .buffered)
                    }
                }
            }
            try await group.waitForAll()
        }
        let copy = try directory.copy()
        await store.close()
        let reopened = try await self.store(copy)
        let texts = try await reopened.search().map(\.text)
        #expect(texts.count == 500 && Set(texts).count == 500)
        for writer in 0..<20 {
            #expect(texts.filter { $0.hasPrefix("\(writer) ") } == (0..<25).map { "\(writer) \($0)" })
        }
        await reopened.close()
    }
}

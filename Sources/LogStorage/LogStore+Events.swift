package import TimeSource

/// From which end a stream is read when there is no token.
package enum LogReadStart: Sendable {
    case head, tail
}

/// One page of a stream.
package struct LogEventPage: Sendable {
    /// From the earliest to the latest.
    package let events: [LogEvent]
    /// For the page after this one. A page with no events answers the token that it was asked with.
    package let forwardToken: String
    /// For the page before this one.
    package let backwardToken: String
}

/// Which events of a group are looked for.
package struct LogFilterQuery: Sendable {
    /// Which streams.
    package enum Streams: Sendable {
        case all
        case named([String])
        case withPrefix(String)
    }

    /// Which streams to look into.
    package var streams: Streams = .all
    /// The first time that is wanted.
    package var from: Timestamp?
    /// The first time that is not wanted any more; FilterLogEvents' `endTime` is one millisecond less.
    package var before: Timestamp?
    /// Which messages are wanted; nil for all. `LogFilter.matches` fits here.
    package var matches: (@Sendable (ArraySlice<UInt8>) -> Bool)?
    /// The most events a page may have.
    package var limit = 10_000
    /// `nextToken` of the page before.
    package var token: String?

    /// Every event of every stream.
    package init() {}
}

/// One page of a search.
package struct LogFilterPage: Sendable {
    /// From the earliest to the latest, across streams; possibly none although there are more pages.
    package let events: [LogEvent]
    /// For the next page; nil after the last one.
    package let nextToken: String?
}

extension LogStore {
    /// Appends events to a stream: all of them or none. They are visible to readers when it returns, and before.
    ///
    /// - Parameters:
    ///   - source: which piece of a source the events cover; a piece that is stored already is not stored again.
    ///   - durability: with `.flushed` the events are on the disk when it returns.
    /// - Throws: `groupNotFound`, `streamNotFound`, `batchTooLarge`, `sourceOffsetMismatch`, `overloaded`, `storageFull`, `ioFailure`.
    @discardableResult
    package func append(
        _ entries: [LogEntry], to stream: String, in group: LogGroupName, source: SourceRange? = nil,
        durability: LogDurability = .flushed
    ) async throws(LogStoreError) -> LogAppendResult {
        let size = entries.reduce(0) { $0 + $1.message.count }
        guard size <= options.maximumBatchSize else {
            throw LogStoreError(.batchTooLarge, "a batch of \(size) bytes exceeds the limit of \(options.maximumBatchSize) bytes")
        }
        return try await submit(size) { reply in
            AppendRequest(
                group: group, stream: stream, entries: entries, source: source, durability: durability, reply: reply)
        }
    }

    /// One page of a stream's events, by time and, where that is equal, by arrival.
    ///
    /// Following a token neither skips nor repeats an event, whatever is appended meanwhile; an event that arrives late, with a time
    /// before the place of a forward token, is not seen by it.
    ///
    /// - Parameters:
    ///   - from: the first time that is wanted.
    ///   - before: the first time that is not.
    ///   - start: where to begin without a token.
    /// - Throws: `groupNotFound`, `streamNotFound`, `invalidToken`, `ioFailure`, `corrupt`.
    package func events(
        of stream: String, in group: LogGroupName, from: Timestamp? = nil, before: Timestamp? = nil, limit: Int = 10_000,
        start: LogReadStart = .tail, token: String? = nil
    ) async throws(LogStoreError) -> LogEventPage {
        let range = Self.range(from, before)
        var isForward = start == .head
        var place = isForward ? EventPosition.start : EventPosition(timestamp: .max, sequence: .max)
        if let token {
            guard token.hasPrefix("f/") || token.hasPrefix("b/"), let position = EventPosition(token: token.dropFirst(2)) else {
                throw LogStoreError(.invalidToken, "the specified nextToken is invalid")
            }
            (isForward, place) = (token.hasPrefix("f/"), position)
        }
        let (number, states) = try catalogue.access { contents throws(LogStoreError) in
            let numbers = try contents.locate(stream, in: group)
            return (numbers.group, contents.groups[numbers.group]?.streams[numbers.stream].map { [$0] } ?? [])
        }
        let page = try await scan(
            states, of: number, range: range, start: place, isForward: isForward, limit: limit, scanLimit: nil, matches: nil)
        let first = page.items.first?.position
        let last = page.items.last?.position.successor
        // Without events the place stays; without a token it is the start of the range, behind which later events will be found.
        let fallback = token == nil ? EventPosition(timestamp: range.lowerBound, sequence: .min) : place
        return LogEventPage(
            events: Self.events(page.items, states), forwardToken: "f/" + (last ?? fallback).token,
            backwardToken: "b/" + (first ?? fallback).token)
    }

    /// One page of a search through a group, by time across its streams.
    ///
    /// A call reads about `LogStoreOptions.scanLimit` bytes at most and may therefore answer few events, or none, and a token. Following
    /// the tokens neither skips nor repeats an event that was there at the start. Names of streams that do not exist are passed over.
    ///
    /// - Throws: `groupNotFound`, `invalidToken`, `ioFailure`, `corrupt`.
    package func filter(_ group: LogGroupName, _ query: LogFilterQuery) async throws(LogStoreError) -> LogFilterPage {
        var place = EventPosition.start
        if let token = query.token {
            guard let position = EventPosition(token: token) else {
                throw LogStoreError(.invalidToken, "the specified nextToken is invalid")
            }
            place = position
        }
        let (number, states) = try catalogue.access { contents throws(LogStoreError) in
            let state = try contents.group(group)
            let streams: [StreamState] =
                switch query.streams {
                case .all: Array(state.streams.values)
                case .named(let names): Set(names.map(ExactText.init)).compactMap { state.stream($0.text) }
                case .withPrefix(let prefix): state.streams.values.filter { ExactText($0.name).hasPrefix(prefix) }
                }
            return (state.number, streams)
        }
        let page = try await scan(
            states, of: number, range: Self.range(query.from, query.before), start: place, isForward: true, limit: query.limit,
            scanLimit: options.scanLimit, matches: query.matches)
        return LogFilterPage(events: Self.events(page.items, states), nextToken: page.next?.token)
    }

    /// The events of a group from now on, as they are appended; visible here before an append is answered.
    ///
    /// A reader that lags behind by `LogStoreOptions.tailBacklog` updates loses some and is told how many.
    /// - Throws: `groupNotFound`.
    package func tail(
        _ group: LogGroupName, streams: LogFilterQuery.Streams = .all, matches: (@Sendable (ArraySlice<UInt8>) -> Bool)? = nil
    ) throws(LogStoreError) -> LogTail {
        let (updates, continuation) = AsyncStream.makeStream(
            of: LogTailUpdate.self, bufferingPolicy: .bufferingOldest(options.tailBacklog))
        let selects: @Sendable (String) -> Bool =
            switch streams {
            case .all: { _ in true }
            case .named(let names): { [names = Set(names.map(ExactText.init))] in names.contains(ExactText($0)) }
            case .withPrefix(let prefix): { ExactText($0).hasPrefix(prefix) }
            }
        let subscriber = TailSubscriber(continuation: continuation, selects: selects, matches: matches)
        let (groupNumber, number) = try catalogue.access { contents throws(LogStoreError) in
            let group = try contents.group(group).number
            contents.nextTailNumber += 1
            contents.groups[group]?.tails[contents.nextTailNumber] = subscriber
            return (group, contents.nextTailNumber)
        }
        continuation.onTermination = { [catalogue] _ in
            catalogue.update { $0.groups[groupNumber]?.tails[number] = nil }
        }
        return LogTail(updates: updates)
    }

    private static func range(_ from: Timestamp?, _ before: Timestamp?) -> Range<Int64> {
        let lower = from?.milliseconds ?? .min
        return lower..<max(lower, before?.milliseconds ?? .max)
    }

    private func scan(
        _ streams: [StreamState], of group: Int, range: Range<Int64>, start: EventPosition, isForward: Bool, limit: Int,
        scanLimit: Int64?, matches: (@Sendable (ArraySlice<UInt8>) -> Bool)?
    ) async throws(LogStoreError) -> EventScan.Page {
        let scan = EventScan(
            paths: paths, files: files, range: range, start: start, isForward: isForward, limit: max(1, limit), byteLimit: options.pageSize,
            scanLimit: scanLimit, matches: matches)
        return try await read { () throws(LogStoreError) in
            var sources: [EventScan.Source] = []
            for stream in streams {
                for segment in stream.segments {
                    let key = SegmentKey(group: group, stream: stream.number, segment: segment.number)
                    for chunk in segment.chunks { sources.append(EventScan.Source(chunk: chunk, key: key)) }
                }
            }
            return try scan.run(sources)
        }
    }

    private static func events(_ items: [EventSelection.Item], _ streams: [StreamState]) -> [LogEvent] {
        let byNumber = Dictionary(uniqueKeysWithValues: streams.map { ($0.number, $0) })
        return items.compactMap { item in
            guard let stream = byNumber[item.stream] else { return nil }
            return LogEvent(
                streamName: stream.name, timestamp: Timestamp(milliseconds: item.position.timestamp),
                ingestedAt: Timestamp(milliseconds: item.ingestedAt), message: item.message,
                id: stream.identity.eventID(timestamp: item.position.timestamp, sequence: item.position.sequence))
        }
    }
}

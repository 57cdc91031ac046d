import AWSProtocols
import LogFilters
import LogStorage
import TimeSource

extension LogService {
    /// The most events of a page.
    private static let pageLimit = 10_000

    @Sendable func putEvents(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let group = try LogGroupIdentifier.group(in: input, context)
        let stream = input.string("logStreamName") ?? ""
        do {
            guard let description = store.group(group) else { throw LogsError.groupNotFound() }
            guard try store.stream(stream, in: group) != nil else { throw LogsError.streamNotFound() }
            let batch = try LogEventBatch(
                input.structures("logEvents"), now: context.receivedAt, retentionInDays: description.retentionInDays)
            if !batch.accepted.isEmpty { try await store.append(Array(batch.accepted), to: stream, in: group) }
            return [
                "nextSequenceToken": .string(SequenceToken.text(at: context.receivedAt)),
                "rejectedLogEventsInfo": batch.rejection ?? .null,
            ]
        } catch let error as LogStoreError {
            throw error.apiError
        }
    }

    @Sendable func getEvents(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let group = try LogGroupIdentifier.group(in: input, context)
        do throws(LogStoreError) {
            let page = try await store.events(
                of: input.string("logStreamName") ?? "", in: group, from: LogService.time(input, "startTime"),
                before: LogService.time(input, "endTime"), limit: Int(input.integer("limit") ?? Int64(LogService.pageLimit)),
                start: input.bool("startFromHead") == true ? .head : .tail,
                token: input.string("nextToken").map(LogService.stored))
            return [
                "events": .list(
                    page.events.map { event in
                        [
                            "timestamp": .integer(event.timestamp.milliseconds), "message": .string(event.text),
                            "ingestionTime": .integer(event.ingestedAt.milliseconds),
                        ]
                    }),
                "nextForwardToken": .string(page.forwardToken + LogService.tokenEnd),
                "nextBackwardToken": .string(page.backwardToken + LogService.tokenEnd),
            ]
        } catch {
            throw error.apiError
        }
    }

    @Sendable func filterEvents(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let group = try LogGroupIdentifier.group(in: input, context)
        var query = LogFilterQuery()
        query.from = LogService.time(input, "startTime")
        // `endTime` is the last one that is wanted.
        query.before = LogService.time(input, "endTime").map { $0 + .milliseconds(1) }
        query.limit = Int(input.integer("limit") ?? Int64(LogService.pageLimit))
        query.token = input.string("nextToken")
        query.streams = try streams(input)
        do throws(LogFilterError) {
            let filter = try LogFilter(input.string("filterPattern") ?? "")
            if !filter.matchesEverything { query.matches = { filter.matches($0) } }
        } catch {
            throw LogsError.invalidParameter(error.message)
        }
        do {
            if case .named(let names) = query.streams {
                for name in names where try store.stream(name, in: group) == nil { throw LogsError.streamNotFound() }
            }
            let page = try await store.filter(group, query)
            return [
                "events": .list(
                    page.events.map { event in
                        [
                            "logStreamName": .string(event.streamName), "timestamp": .integer(event.timestamp.milliseconds),
                            "message": .string(event.text), "ingestionTime": .integer(event.ingestedAt.milliseconds),
                            "eventId": .string(event.id),
                        ]
                    }),
                // AWS answers an empty list since June 2019.
                "searchedLogStreams": [],
                "nextToken": .optional(page.nextToken),
            ]
        } catch let error as LogStoreError {
            throw error.apiError
        }
    }

    private func streams(_ input: APIStructure) throws(APIError) -> LogFilterQuery.Streams {
        switch (input.list("logStreamNames"), input.string("logStreamNamePrefix")) {
        case (nil, nil): return .all
        case (nil, let prefix?): return .withPrefix(prefix)
        case (_?, nil): return .named(input.strings("logStreamNames"))
        case (_?, _?):
            throw LogsError.invalidParameter("logStreamNames and logStreamNamePrefix are mutually exclusive parameters.")
        }
    }

    private static func time(_ input: APIStructure, _ name: String) -> Timestamp? {
        // A time beyond the calendar is as good as the last one, and may be counted with.
        input.integer(name).map { Timestamp(milliseconds: min($0, .max - 1)) }
    }

    /// What AWS's tokens of a stream end with: `f/…/s` and `b/…/s`.
    private static let tokenEnd = "/s"

    /// The store's token in a client's.
    private static func stored(_ token: String) -> String {
        token.hasSuffix(tokenEnd) ? String(token.dropLast(tokenEnd.utf8.count)) : token
    }
}

import AWSProtocols
import LogStorage
import TimeSource

extension LogService {
    @Sendable func createStream(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let group = try LogGroupIdentifier.group(in: input, context)
        do throws(LogStoreError) {
            try await store.createStream(input.string("logStreamName") ?? "", in: group)
        } catch {
            throw error.apiError
        }
        return [:]
    }

    @Sendable func deleteStream(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let group = try LogGroupIdentifier.group(in: input, context)
        do throws(LogStoreError) {
            try await store.deleteStream(input.string("logStreamName") ?? "", in: group)
        } catch {
            throw error.apiError
        }
        return [:]
    }

    @Sendable func describeStreams(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let group = try LogGroupIdentifier.group(in: input, context)
        let prefix = input.string("logStreamNamePrefix")
        let order = input.string("orderBy").flatMap(LogStreamOrder.init(rawValue:)) ?? .name
        guard prefix == nil || order == .name else {
            throw LogsError.invalidParameter("Cannot order by LastEventTime with a logStreamNamePrefix.")
        }
        do throws(LogStoreError) {
            let (streams, next) = try store.streams(
                in: group, prefix: prefix ?? "", order: order, descending: input.bool("descending") ?? false,
                limit: Int(input.integer("limit") ?? 50), token: input.string("nextToken"))
            return ["logStreams": .list(streams.map { describe($0, in: group, context) }), "nextToken": .optional(next)]
        } catch {
            throw error.apiError
        }
    }

    private func describe(_ stream: LogStream, in group: LogGroupName, _ context: RequestContext) -> APIValue {
        [
            "logStreamName": .string(stream.name), "creationTime": .integer(stream.createdAt.milliseconds),
            "firstEventTimestamp": .optional(stream.firstEventAt?.milliseconds),
            "lastEventTimestamp": .optional(stream.lastEventAt?.milliseconds),
            "lastIngestionTime": .optional(stream.lastIngestedAt?.milliseconds),
            "uploadSequenceToken": .string(SequenceToken.text(at: stream.lastIngestedAt ?? stream.createdAt)),
            "arn": .string(LogGroupIdentifier.arn(ofStream: stream.name, in: group, context)),
            // AWS reports zero for streams since June 2019.
            "storedBytes": 0,
        ]
    }
}

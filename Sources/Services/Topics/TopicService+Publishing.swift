import AWSProtocols
import TimeSource

extension TopicService {
    @Sendable func publish(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        guard !input.contains("PhoneNumber") else {
            throw SNSError.invalidParameter("PhoneNumber Reason: text messages are not supported by Nightshift")
        }
        guard let arn = input.string("TopicArn") ?? input.string("TargetArn") else {
            throw SNSError.invalidParameter("TopicArn or TargetArn Reason: no value for required parameter")
        }
        let parameter = input.contains("TopicArn") ? "TopicArn" : "TargetArn"
        if parameter == "TargetArn", ARN(arn).map({ $0.service == "sns" && $0.resource.hasPrefix("endpoint/") }) == true {
            throw SNSError.invalidParameter("TargetArn Reason: No endpoint found for the target arn specified")
        }
        let name = try topicName(arn, parameter: parameter, "Publish", context)
        let message = try message(input, context)
        let published = try await publisher.publish([message], to: name, dedupeKey: context.dedupeKey)[0]
        return ["MessageId": .string(published.id), "SequenceNumber": .optional(published.sequenceNumber)]
    }

    @Sendable func publishBatch(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let name = try topicName(input.requiredString("TopicArn"), "Publish", context)
        let entries = input.structures("PublishBatchRequestEntries")
        let ids = entries.map { $0.string("Id") ?? "" }
        try checkBatch(ids, size: entries.reduce(0) { $0 + TopicService.size(ofEntry: $1) })
        // As on AWS, faulty attributes and structures refuse the whole batch; other faults are those of an entry alone.
        for entry in entries {
            _ = try MessageAttribute.parse(entry.structure("MessageAttributes"))
            try TopicMessage.check(structure: entry.string("MessageStructure"), of: entry.string("Message") ?? "")
        }
        var messages: [TopicMessage] = []
        var taken: [String] = []
        var failed: [APIValue] = []
        for (id, entry) in zip(ids, entries) {
            do throws(APIError) {
                let message = try message(entry, context)
                messages.append(message)
                taken.append(id)
            } catch {
                failed.append(["Id": .string(id), "Code": .string(error.code), "Message": .string(error.message), "SenderFault": true])
            }
        }
        let published = try await publisher.publish(messages, to: name)
        let successful = zip(taken, published).map { id, message -> APIValue in
            ["Id": .string(id), "MessageId": .string(message.id), "SequenceNumber": .optional(message.sequenceNumber)]
        }
        return ["Successful": .list(successful), "Failed": .list(failed)]
    }

    private func message(_ input: APIStructure, _ context: RequestContext) throws(APIError) -> TopicMessage {
        try TopicMessage(
            id: identifiers.uuid(), subject: input.string("Subject"), message: input.string("Message") ?? "",
            structure: input.string("MessageStructure"), attributes: MessageAttribute.parse(input.structure("MessageAttributes")),
            publishedAt: context.receivedAt, groupID: input.string("MessageGroupId"),
            deduplicationID: input.string("MessageDeduplicationId"))
    }

    /// What an entry counts of a batch's size, whether it is valid or not: its message and all of its attributes.
    private static func size(ofEntry entry: APIStructure) -> Int {
        (entry.structure("MessageAttributes")?.members ?? []).reduce(entry.string("Message")?.utf8.count ?? 0) { size, member in
            let value = member.value.structure ?? [:]
            let texts = [member.name, value.string("DataType"), value.string("StringValue")]
            return size + texts.reduce(value.blob("BinaryValue")?.count ?? 0) { $0 + ($1?.utf8.count ?? 0) }
        }
    }

    /// SNS API Reference, PublishBatch: up to ten entries with distinct ids, and 256 KB in all.
    private func checkBatch(_ ids: [String], size: Int) throws(APIError) {
        guard !ids.isEmpty else {
            throw APIError("EmptyBatchRequest", "The batch request doesn't contain any entries.", httpStatus: 400)
        }
        guard ids.count <= 10 else {
            throw APIError("TooManyEntriesInBatchRequest", "The batch request contains more entries than permissible.", httpStatus: 400)
        }
        let isValid = { (id: String) in
            (1...80).contains(id.utf8.count)
                && id.utf8.allSatisfy { byte in
                    switch byte {
                    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                        true
                    default: false
                    }
                }
        }
        guard ids.allSatisfy(isValid) else {
            throw APIError(
                "InvalidBatchEntryId", "The Id of a batch entry in a batch request doesn't abide by the specification.", httpStatus: 400)
        }
        guard Set(ids).count == ids.count else {
            throw APIError("BatchEntryIdsNotDistinct", "Two or more batch entries in the request have the same Id.", httpStatus: 400)
        }
        guard size <= TopicMessage.sizeLimit else {
            throw APIError(
                "BatchRequestTooLong", "The length of all the messages put together is more than the limit.", httpStatus: 400)
        }
    }
}

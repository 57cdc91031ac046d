import AWSProtocols
import Engine
import Store

extension QueueService {
    @Sendable func getAttributes(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let record = try record(input, context)
        var names = input.strings("AttributeNames")
        for name in names where name != "All" && !QueueRecord.attributeNames.contains(name) { throw SQSError.unknownAttribute(name) }
        if names.contains("All") { names = QueueRecord.attributeNames }
        var counts: QueueCounts?
        if names.contains(where: { $0.hasPrefix("ApproximateNumberOf") }) {
            counts = try await run { () async throws(QueueError) in try await queues.counts(of: record.name) }
        }
        var attributes = APIStructure(capacity: names.count)
        for name in names {
            if let value = counts?.attribute(name) ?? record.attribute(name, region: region) { attributes[name] = .string(value) }
        }
        return attributes.isEmpty ? [:] : ["Attributes": .structure(attributes)]
    }

    @Sendable func setAttributes(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let record = try record(input, context)
        guard input.contains("Attributes") else { throw SQSError.missing("Attributes") }
        let values = input.stringMap("Attributes")
        let setting = QueueAttributeSetting(queue: record.name, isNew: false)
        var attributes = record.attributes
        try setting.apply(values, to: &attributes)
        try checkDeadLetterQueue(of: record.name, attributes, values)
        try await run { () async throws(QueueError) in
            try await queues.setAttributes(of: record.name) { attributes in
                // Of two requests at the same time each changes what it names. What was right a moment ago and is not now, because
                // the other changed something that it goes together with, is left as it is.
                var changed = attributes
                guard (try? setting.apply(values, to: &changed)) != nil else { return }
                attributes = changed
            }
        }
        return [:]
    }
}

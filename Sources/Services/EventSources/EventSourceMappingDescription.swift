import AWSProtocols
import Engine
import Store
import TimeSource

/// A mapping as the API shows it.
struct EventSourceMappingDescription {
    let record: EventSourceMappingRecord
    let region: String

    /// The members of `EventSourceMappingConfiguration`.
    /// - Parameter state: what the mapping is at or on the way to.
    func members(_ state: String) -> APIStructure {
        let settings = QueueMappingSettings(encoded: record.settings)
        var members: APIStructure = [
            "UUID": .string(record.id), "BatchSize": .integer(Int64(settings.batchSize)),
            "MaximumBatchingWindowInSeconds": .integer(settings.batchingWindow.components.seconds),
            "EventSourceArn": .string(record.source), "FunctionArn": .string(record.function),
            "LastModified": .timestamp(record.modifiedAt.milliseconds), "State": .string(state),
            "StateTransitionReason": "USER_INITIATED",
            "FunctionResponseTypes": settings.reportsItemFailures ? ["ReportBatchItemFailures"] : [],
            "EventSourceMappingArn": .string(Self.arn(record.id, account: record.account, region: region)),
        ]
        if let concurrency = settings.maximumConcurrency {
            members["ScalingConfig"] = ["MaximumConcurrency": .integer(Int64(concurrency))]
        }
        if !settings.patterns.isEmpty {
            members["FilterCriteria"] = ["Filters": .list(settings.patterns.map { ["Pattern": .string($0)] })]
        }
        return members
    }

    /// The ARN of a mapping.
    static func arn(_ id: String, account: String, region: String) -> String {
        ARN(service: "lambda", region: region, account: account, resource: "event-source-mapping:\(id)").description
    }
}

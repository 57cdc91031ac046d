import AWSProtocols
import AgentProtocol
import Engine
import JSONCore
import Store
import TimeSource

/// A command as the API shows it.
struct CommandView: Sendable {
    let record: CommandRecord
    let status: CommandStatus
    private let progress: CommandProgress
    private let request: APIStructure
    private let region: String

    /// A view of a command that is so far.
    init(_ record: CommandRecord, _ progress: CommandProgress, region: String) {
        self.record = record
        self.progress = progress
        self.region = region
        status = CommandStatus(record, progress)
        request = (try? JSONParser.parse(record.request))?.object.map { APIStructure($0) } ?? [:]
    }

    var comment: String { request.string("Comment") ?? "" }

    var serviceRole: String { request.string("ServiceRoleArn") ?? "" }

    var notificationConfig: APIValue {
        let config = request.structure("NotificationConfig") ?? [:]
        return [
            "NotificationArn": .string(config.string("NotificationArn") ?? ""),
            "NotificationEvents": .strings(config.strings("NotificationEvents")),
            "NotificationType": .string(config.string("NotificationType") ?? ""),
        ]
    }

    var logConfig: APIValue {
        let config = request.structure("CloudWatchOutputConfig") ?? [:]
        return [
            "CloudWatchLogGroupName": .string(config.string("CloudWatchLogGroupName") ?? ""),
            "CloudWatchOutputEnabled": .bool(config.bool("CloudWatchOutputEnabled") ?? false),
        ]
    }

    /// When it expires: what was not delivered by then never will be, and what was has had its time to run (Systems Manager API Reference,
    /// "Command": the sum of both timeouts).
    static func expiry(of record: CommandRecord) -> Timestamp { record.expiresAt + .seconds(record.executionSeconds) }

    /// Where output goes in S3.
    var bucketMembers: [(String, APIValue)] {
        [
            ("OutputS3Region", .string(request.string("OutputS3Region") ?? region)),
            ("OutputS3BucketName", .string(request.string("OutputS3BucketName") ?? "")),
            ("OutputS3KeyPrefix", .string(request.string("OutputS3KeyPrefix") ?? "")),
        ]
    }

    /// The steps, whose names are those of the plugins.
    var steps: [PluginStep] { (try? CommandSteps.decode(record.steps)) ?? [] }

    /// The bucket that output goes to; nil for none.
    var bucket: OutputBucket? { OutputBucket(request) }

    /// AWS's `Command`.
    var command: APIValue {
        var output: APIStructure = [
            "CommandId": .string(record.id), "DocumentName": .string(record.documentName),
            "DocumentVersion": .string(record.documentVersion), "Comment": .string(comment),
            "ExpiresAfter": .timestamp(CommandView.expiry(of: record).milliseconds), "Parameters": request["Parameters"] ?? [:],
            "InstanceIds": request["InstanceIds"] ?? [], "Targets": request["Targets"] ?? [],
            "RequestedDateTime": .timestamp(record.requestedAt.milliseconds), "Status": .string(status.status),
            "StatusDetails": .string(status.details),
        ]
        for (name, value) in bucketMembers { output[name] = value }
        let counts: APIStructure = [
            "MaxConcurrency": .string(request.string("MaxConcurrency") ?? "50"),
            "MaxErrors": .string(request.string("MaxErrors") ?? "0"), "TargetCount": .integer(Int64(record.targetCount)),
            "CompletedCount": .integer(Int64(progress.completed)), "ErrorCount": .integer(Int64(progress.errors)),
            "DeliveryTimedOutCount": .integer(Int64(progress.deliveryTimedOut)), "ServiceRole": .string(serviceRole),
            "NotificationConfig": notificationConfig, "CloudWatchOutputConfig": logConfig,
            "TimeoutSeconds": .integer(request.integer("TimeoutSeconds") ?? 3_600),
        ]
        for member in counts.members { output[member.name] = member.value }
        return .structure(output)
    }
}

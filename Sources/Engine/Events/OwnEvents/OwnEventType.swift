/// A kind of event that this server sends by itself, as services of AWS do.
package struct OwnEventType: Sendable, Hashable {
    /// What stands in `source`.
    package let source: String
    /// What stands in `detail-type`.
    package let detailType: String

    /// An execution of a Standard state machine began, ended or goes on (Step Functions Developer Guide, "EventBridge events for
    /// Step Functions").
    package static let executionStatusChange = OwnEventType("aws.states", "Step Functions Execution Status Change")
    /// A command of Run Command changed its status (Systems Manager User Guide, "EventBridge event examples for Systems Manager").
    package static let commandStatusChange = OwnEventType("aws.ssm", "EC2 Command Status-change Notification")
    /// A command changed its status on one node (there).
    package static let invocationStatusChange = OwnEventType("aws.ssm", "EC2 Command Invocation Status-change Notification")
    /// An object was written (Amazon S3 User Guide, "EventBridge event message structure").
    package static let objectCreated = OwnEventType("aws.s3", "Object Created")
    /// An object was deleted (there).
    package static let objectDeleted = OwnEventType("aws.s3", "Object Deleted")
    /// An object's tags were set.
    package static let objectTagsAdded = OwnEventType("aws.s3", "Object Tags Added")
    /// An object's tags were deleted.
    package static let objectTagsDeleted = OwnEventType("aws.s3", "Object Tags Deleted")

    private init(_ source: String, _ detailType: String) {
        self.source = source
        self.detailType = detailType
    }
}

/// How many messages a queue has: ApproximateNumberOfMessages… of GetQueueAttributes.
package struct QueueCounts: Sendable, Hashable {
    /// That can be received.
    package var visible: Int
    /// That were received and not deleted.
    package var notVisible: Int
    /// That are not yet shown.
    package var delayed: Int
}

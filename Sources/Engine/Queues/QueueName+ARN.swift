import AWSProtocols
package import Store

extension QueueName {
    /// The queue of an ARN, `arn:aws:sqs:REGION:ACCOUNT:NAME`; nil when it is none of a queue. The region is for the caller to judge.
    package init?(arn text: String) {
        guard let arn = ARN(text), arn.service == "sqs", !arn.account.isEmpty, arn.resourceParts.count == 1 else { return nil }
        self.init(account: arn.account, name: arn.resource)
    }

    /// The queue's ARN in a region.
    package func arn(region: String) -> String {
        "arn:aws:sqs:\(region):\(account):\(name)"
    }
}

import AWSProtocols
import LogStorage

/// How requests name log groups, and the ARNs of groups and streams.
enum LogGroupIdentifier {
    /// The group that a request names by `logGroupName`, or by `logGroupIdentifier`, which is a name or an ARN.
    static func group(in input: APIStructure, _ context: RequestContext) throws(APIError) -> LogGroupName {
        switch (input.string("logGroupName"), input.string("logGroupIdentifier")) {
        case (let name?, nil): return LogGroupName(account: context.account, name: name)
        case (nil, let identifier?): return try group(identifier, context)
        case (nil, nil):
            throw LogsError.invalidParameter("Either logGroupName or logGroupIdentifier must be specified.")
        case (_?, _?):
            throw LogsError.invalidParameter("LogGroup name and LogGroup identifier are mutually exclusive parameters.")
        }
    }

    /// The group of a name or an ARN. Other accounts' groups do not exist for the caller.
    static func group(_ identifier: String, _ context: RequestContext) throws(APIError) -> LogGroupName {
        guard identifier.utf8.starts(with: "arn:".utf8) else { return LogGroupName(account: context.account, name: identifier) }
        guard let arn = ARN(identifier), arn.service == "logs" else {
            throw LogsError.invalidParameter("The specified ARN is not that of a log group: \(identifier)")
        }
        // DescribeLogGroups shows two forms, with and without `:*`; both are taken.
        let parts = arn.resourceParts
        guard parts.count == 2 || (parts.count == 3 && parts[2] == "*"), parts[0] == "log-group" else {
            throw LogsError.invalidParameter("The specified ARN is not that of a log group: \(identifier)")
        }
        guard arn.account == context.account, arn.region == context.region else { throw LogsError.groupNotFound() }
        return LogGroupName(account: context.account, name: parts[1])
    }

    /// The ARN of a group as tag operations take it.
    static func arn(of group: LogGroupName, _ context: RequestContext) -> String {
        ARN(service: "logs", region: context.region, account: group.account, resource: "log-group:\(group.name)").description
    }

    /// The ARN of a stream.
    static func arn(ofStream stream: String, in group: LogGroupName, _ context: RequestContext) -> String {
        arn(of: group, context) + ":log-stream:" + stream
    }
}

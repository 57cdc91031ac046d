package import JSONCore
package import TimeSource

/// An event on an event bus (EventBridge User Guide, "AWS service event metadata").
package struct BusEvent: Sendable, Hashable {
    /// The event's id, the same for everything that it is sent to.
    package var id: String
    /// The account that it belongs to.
    package var account: String
    /// The name of the bus that it is on.
    package var bus: String
    /// Who sent it.
    package var source: String
    /// What kind of event it is.
    package var detailType: String
    /// When it happened, as its sender says.
    package var time: Timestamp
    /// The ARNs that it is about.
    package var resources: [String]
    /// What happened: a JSON object.
    package var detail: JSONValue
    /// The `X-Amzn-Trace-Id` to go on with.
    package var traceHeader: String?
    /// The region in which it was sent.
    package var region: String
    /// The replay that sends it again, nil for an event that happens now.
    package var replayName: String?
    /// Whether a rule of another bus sent it here. Such an event goes no further than this bus.
    package var isForwarded: Bool

    /// An event of these parts.
    package init(
        id: String, account: String, bus: String = "default", source: String, detailType: String, time: Timestamp,
        resources: [String] = [], detail: JSONValue, traceHeader: String? = nil, region: String, replayName: String? = nil,
        isForwarded: Bool = false
    ) {
        self.id = id
        self.account = account
        self.bus = bus
        self.source = source
        self.detailType = detailType
        self.time = time
        self.resources = resources
        self.detail = detail
        self.traceHeader = traceHeader
        self.region = region
        self.replayName = replayName
        self.isForwarded = isForwarded
    }

    /// The event as targets and patterns see it.
    package var value: JSONValue {
        var object = JSONObject(capacity: 10)
        object["version"] = "0"
        object["id"] = .text(id)
        object["detail-type"] = .text(detailType)
        object["source"] = .text(source)
        object["account"] = .text(account)
        object["time"] = .text(time.iso8601Seconds)
        object["region"] = .text(region)
        if let replayName { object["replay-name"] = .text(replayName) }
        object["resources"] = .array(resources.map(JSONValue.text))
        object["detail"] = detail
        return .object(object)
    }

    /// Reads an event from its JSON, as `value` has it; nil when it is none.
    /// - Parameter bus: the bus that it is on, which the JSON does not tell.
    package init?(_ value: JSONValue, bus: String) {
        guard let id = value["id"]?.text, let account = value["account"]?.text, let source = value["source"]?.text,
            let detailType = value["detail-type"]?.text, let time = value["time"]?.text.flatMap({ Timestamp(rfc3339: $0) }),
            let region = value["region"]?.text, let detail = value["detail"]
        else { return nil }
        self.init(
            id: id, account: account, bus: bus, source: source, detailType: detailType, time: time,
            resources: value["resources"]?.array?.compactMap(\.text) ?? [], detail: detail, region: region,
            replayName: value["replay-name"]?.text)
    }
}

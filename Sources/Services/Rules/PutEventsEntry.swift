import AWSProtocols
import Engine
import JSONCore
import TimeSource

/// One entry of PutEvents.
struct PutEventsEntry {
    /// All entries of a request together must be smaller, in bytes (EventBridge API Reference, PutEvents).
    static let sizeLimit = 1 << 20
    /// How deep a detail may be nested (EventBridge API Reference, PutEvents).
    private static let depthLimit = 1_000

    /// Why an entry is not accepted; the others of its request are.
    struct Fault: Error {
        /// The `ErrorCode`.
        let code: String
        /// The `ErrorMessage`.
        let message: String

        static func missing(_ parameter: String) -> Fault {
            Fault(code: "InvalidArgument", message: "Parameter \(parameter) is not valid. Reason: \(parameter) is a required argument.")
        }

        static let malformedDetail = Fault(code: "MalformedDetail", message: "Detail is malformed.")
        static let reservedSource = Fault(code: "NotAuthorizedForSourceException", message: "Not authorized for the source.")
    }

    private let input: APIStructure

    /// An entry as it came.
    init(_ input: APIStructure) {
        self.input = input
    }

    /// How much of the limit the entry takes (EventBridge User Guide, "Calculating PutEvents event entry size").
    var size: Int {
        var size = input.contains("Time") ? 14 : 0
        for name in ["Source", "DetailType", "Detail"] { size += input.string(name)?.utf8.count ?? 0 }
        for resource in input.strings("Resources") { size += resource.utf8.count }
        return size
    }

    /// The event of the entry.
    /// - Parameter id: the event's id.
    func event(id: String, _ context: RequestContext) throws(Fault) -> BusEvent {
        let source = try required("Source")
        let detailType = try required("DetailType")
        let text = try required("Detail")
        guard !source.utf8.starts(with: "aws.".utf8) else { throw .reservedSource }
        let parsed = try? JSONParser.parse(Array(text.utf8), depthLimit: PutEventsEntry.depthLimit)
        guard let detail = parsed, detail.object != nil else { throw .malformedDetail }
        return BusEvent(
            id: id, account: context.account, bus: EventBusName.value(input.string("EventBusName"), context), source: source,
            detailType: detailType, time: input.timestamp("Time").map(Timestamp.init(milliseconds:)) ?? context.receivedAt,
            resources: input.strings("Resources"), detail: detail, traceHeader: input.string("TraceHeader"), region: context.region)
    }

    private func required(_ name: String) throws(Fault) -> String {
        guard let text = input.string(name), !text.isEmpty else { throw .missing(name) }
        return text
    }
}

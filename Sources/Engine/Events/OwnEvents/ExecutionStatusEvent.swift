import JSONCore
import StatesInterpreter
import Store
import TimeSource

/// `Step Functions Execution Status Change` (Step Functions Developer Guide, "EventBridge events for Step Functions").
struct ExecutionStatusEvent {
    let machine: CompiledStateMachine
    let record: ExecutionRecord
    /// The execution's input; nil when it is not known.
    let input: JSONDocument?
    /// How it ended; nil while it runs.
    let outcome: ExecutionOutcome?

    /// How many bytes input and output may have as they are written into the event; what is beyond is left out (there,
    /// "Handling of excess data").
    static let payloadLimit = 248 << 10

    /// The execution's ARN, which is the event's resource.
    var executionARN: String { machine.executionARN(name: record.name) }

    /// The event's `detail`.
    var detail: JSONValue {
        let output = outcome.flatMap { if case .succeeded(let output) = $0 { output.text } else { nil } }
        let outputBytes = output.map(ExecutionStatusEvent.escapedCount) ?? 0
        let inputBytes = input.map { ExecutionStatusEvent.escapedCount($0.text) } ?? 0
        let showsOutput = outputBytes <= ExecutionStatusEvent.payloadLimit
        // The output goes first: the input is left out when both together are too long.
        let showsInput = inputBytes + outputBytes <= ExecutionStatusEvent.payloadLimit
        let failure = outcome.flatMap(ExecutionStatusEvent.failure)
        var detail = JSONObject(capacity: 20)
        detail["executionArn"] = .text(executionARN)
        detail["stateMachineArn"] = .text(machine.arn)
        detail["name"] = .text(record.name)
        detail["status"] = .text(record.status.rawValue)
        detail["startDate"] = .integer(record.startedAt.milliseconds)
        detail["stopDate"] = ExecutionStatusEvent.instant(record.stoppedAt)
        detail["input"] = ExecutionStatusEvent.text(showsInput ? input?.text : nil)
        detail["output"] = ExecutionStatusEvent.text(showsOutput ? output : nil)
        detail["stateMachineVersionArn"] = ExecutionStatusEvent.text(record.qualifier.map { machine.qualifiedARN("\($0.version)") })
        detail["stateMachineAliasArn"] = ExecutionStatusEvent.text(record.qualifier?.alias.map(machine.qualifiedARN))
        detail["redriveCount"] = .integer(record.redrives)
        detail["redriveDate"] = ExecutionStatusEvent.instant(record.redrivenAt)
        detail["redriveStatus"] = .text(redriveStatus)
        detail["redriveStatusReason"] = ExecutionStatusEvent.text(redriveStatusReason)
        detail["inputDetails"] = ["included": .bool(showsInput)]
        detail["outputDetails"] = output == nil ? .null : ["included": .bool(showsOutput)]
        detail["error"] = ExecutionStatusEvent.text(failure?.error)
        detail["cause"] = ExecutionStatusEvent.text(failure?.cause)
        return .object(detail)
    }

    private var isRedrivable: Bool { outcome.map { !$0.isSuccess } ?? false }

    private var redriveStatus: String {
        guard isRedrivable else { return "NOT_REDRIVABLE" }
        return record.child == nil ? "REDRIVABLE" : "REDRIVABLE_BY_MAP_RUN"
    }

    private var redriveStatusReason: String? {
        isRedrivable ? nil : "Execution is \(record.status.rawValue) and cannot be redriven"
    }

    private static func failure(_ outcome: ExecutionOutcome) -> (error: String?, cause: String?)? {
        switch outcome {
        case .succeeded: nil
        case .failed(let error, let cause), .timedOut(let error, let cause), .aborted(let error, let cause): (error, cause)
        }
    }

    private static func instant(_ instant: Timestamp?) -> JSONValue {
        guard let instant else { return .null }
        return .integer(instant.milliseconds)
    }

    private static func text(_ text: String?) -> JSONValue {
        guard let text else { return .null }
        return .text(text)
    }

    private static func text(_ bytes: [UInt8]?) -> JSONValue {
        text(bytes.map { String(decoding: $0, as: UTF8.self) })
    }

    /// How many bytes a JSON text has as a JSON string.
    private static func escapedCount(_ text: [UInt8]) -> Int {
        text.reduce(0) { count, byte in
            switch byte {
            case 0x22, 0x5C, 0x08, 0x09, 0x0A, 0x0C, 0x0D: count + 2
            case 0..<0x20: count + 6
            default: count + 1
            }
        }
    }
}

extension OwnEvents {
    /// The event of an execution that is in a status from now on; none when nobody wants it.
    func record(_ event: @autoclosure () -> ExecutionStatusEvent, account: String) -> [DeliveryRecord] {
        // Asked first: an execution that nobody watches costs this question and nothing more.
        guard wants(.executionStatusChange, account: account) else { return [] }
        let event = event()
        return record(.executionStatusChange, account: account, resources: [event.executionARN]) { event.detail }
    }
}

import JSONCore

extension BusEvent {
    /// The event as it is stored where it waits: the JSON that targets see, with what that does not tell.
    package var stored: [UInt8] {
        var object: JSONObject = ["bus": .text(bus), "event": value]
        object["trace"] = traceHeader.map(JSONValue.text)
        if isForwarded { object["forwarded"] = true }
        return JSONWriter.bytes(of: .object(object))
    }

    /// Reads what `stored` wrote; nil when it is none.
    package init?(stored: [UInt8]) {
        guard let object = try? JSONParser.parse(stored), let bus = object["bus"]?.text, let value = object["event"] else { return nil }
        self.init(value, bus: bus)
        traceHeader = object["trace"]?.text
        isForwarded = object["forwarded"]?.bool ?? false
    }
}

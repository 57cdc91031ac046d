import Engine
import Store

extension OutgoingMessage {
    /// The bytes that count against a queue's MaximumMessageSize: body and attributes with names and types.
    var size: Int {
        attributes.reduce(body.utf8.count) { sum, attribute in
            let value =
                switch attribute.value {
                case .string(let text): text.utf8.count
                case .binary(let bytes): bytes.count
                }
            return sum + attribute.name.utf8.count + attribute.dataType.utf8.count + value
        }
    }
}

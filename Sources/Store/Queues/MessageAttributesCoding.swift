/// Attributes and trace header of a message as one blob: a format number, the trace header, then name, type and value of each attribute,
/// every part with its length before it.
package enum MessageAttributesCoding {
    private static let format: UInt8 = 1
    private static let stringTag: UInt8 = 1
    private static let binaryTag: UInt8 = 2

    /// The blob; nil when there is nothing to keep.
    package static func encode(_ attributes: [QueueMessageAttribute], traceHeader: String?) -> [UInt8]? {
        guard !attributes.isEmpty || traceHeader != nil else { return nil }
        var bytes: [UInt8] = [format, traceHeader == nil ? 0 : 1]
        if let traceHeader { append(traceHeader.utf8, to: &bytes) }
        for attribute in attributes {
            append(attribute.name.utf8, to: &bytes)
            append(attribute.dataType.utf8, to: &bytes)
            switch attribute.value {
            case .string(let text):
                bytes.append(stringTag)
                append(text.utf8, to: &bytes)
            case .binary(let value):
                bytes.append(binaryTag)
                append(value, to: &bytes)
            }
        }
        return bytes
    }

    /// What a blob holds.
    package static func decode(
        _ blob: [UInt8]?
    ) throws(StoreError) -> (attributes: [QueueMessageAttribute], traceHeader: String?) {
        guard let blob else { return ([], nil) }
        var rest = blob[...]
        guard rest.popFirst() == format, let flag = rest.popFirst() else { throw .corrupted("the attributes of a message") }
        let traceHeader = flag == 1 ? String(decoding: try part(&rest), as: UTF8.self) : nil
        var attributes: [QueueMessageAttribute] = []
        while !rest.isEmpty {
            let name = String(decoding: try part(&rest), as: UTF8.self)
            let type = String(decoding: try part(&rest), as: UTF8.self)
            let tag = rest.popFirst()
            let value = try part(&rest)
            attributes.append(
                QueueMessageAttribute(
                    name: name, dataType: type,
                    value: tag == binaryTag ? .binary(Array(value)) : .string(String(decoding: value, as: UTF8.self))))
        }
        return (attributes, traceHeader)
    }

    private static func append(_ part: some Collection<UInt8>, to bytes: inout [UInt8]) {
        let count = UInt32(part.count)
        for shift in [24, 16, 8, 0] as [UInt32] { bytes.append(UInt8(truncatingIfNeeded: count >> shift)) }
        bytes.append(contentsOf: part)
    }

    private static func part(_ rest: inout ArraySlice<UInt8>) throws(StoreError) -> ArraySlice<UInt8> {
        guard rest.count >= 4 else { throw .corrupted("the attributes of a message") }
        let count = rest.prefix(4).reduce(0) { $0 << 8 | Int($1) }
        rest = rest.dropFirst(4)
        guard rest.count >= count else { throw .corrupted("the attributes of a message") }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }
}

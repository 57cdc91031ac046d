import Crypto
package import Store

/// The MD5 digests by which clients see that a message arrived as it was sent (Amazon SQS Developer Guide, "Calculating the MD5 message
/// digest for message attributes").
package enum QueueDigest {
    /// Of a body: its bytes in UTF-8.
    package static func body(_ text: String) -> String {
        var text = text
        return text.withUTF8 { hex(Insecure.MD5.hash(data: UnsafeRawBufferPointer($0))) }
    }

    /// Of attributes: ordered by name, of each the name, the type, the kind of value and the value, with their lengths. Nil without
    /// attributes.
    package static func attributes(_ attributes: [QueueMessageAttribute]) -> String? {
        if attributes.isEmpty { return nil }
        var bytes: [UInt8] = []
        for attribute in attributes.sorted(by: { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }) {
            append(attribute.name.utf8, to: &bytes)
            append(attribute.dataType.utf8, to: &bytes)
            switch attribute.value {
            case .string(let text):
                bytes.append(1)
                append(text.utf8, to: &bytes)
            case .binary(let value):
                bytes.append(2)
                append(value, to: &bytes)
            }
        }
        return hex(Insecure.MD5.hash(data: bytes))
    }

    /// Of system attributes that a sender gave; nil without.
    package static func systemAttributes(traceHeader: String?) -> String? {
        guard let traceHeader else { return nil }
        return attributes([QueueMessageAttribute(name: "AWSTraceHeader", dataType: "String", value: .string(traceHeader))])
    }

    private static func append(_ part: some Collection<UInt8>, to bytes: inout [UInt8]) {
        let count = UInt32(part.count)
        for shift in stride(from: 24, through: 0, by: -8) { bytes.append(UInt8(truncatingIfNeeded: count >> UInt32(shift))) }
        bytes.append(contentsOf: part)
    }

    private static let digits = Array("0123456789abcdef".utf8)

    private static func hex(_ digest: Insecure.MD5Digest) -> String {
        String(unsafeUninitializedCapacity: 32) { text in
            digest.withUnsafeBytes { bytes in
                for (index, byte) in bytes.enumerated() {
                    text[2 * index] = digits[Int(byte >> 4)]
                    text[2 * index + 1] = digits[Int(byte & 15)]
                }
            }
            return 32
        }
    }
}

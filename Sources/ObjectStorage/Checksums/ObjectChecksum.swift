import ByteCoding
import CObjectFiles

/// The checksum of an object or of a part.
package struct ObjectChecksum: Sendable, Hashable {
    /// How it was computed.
    package let algorithm: ChecksumAlgorithm
    /// What it is of.
    package let type: ChecksumType
    /// The bytes of the value, in network order.
    package let value: [UInt8]
    /// Of how many parts; nil when it is of bytes.
    package let parts: Int?

    /// A checksum of this value.
    package init(_ algorithm: ChecksumAlgorithm, _ type: ChecksumType = .fullObject, value: [UInt8], parts: Int? = nil) {
        self.algorithm = algorithm
        self.type = type
        self.value = value
        self.parts = parts
    }

    /// The value as S3 shows it: in Base64, with the number of parts behind a composite one.
    package var text: String {
        Base64.text(value) + (parts.map { "-\($0)" } ?? "")
    }

    /// The value that a client claims; nil when it is none of this algorithm.
    package static func value(_ text: String, of algorithm: ChecksumAlgorithm) -> [UInt8]? {
        guard let bytes = Base64.decode(text.utf8), bytes.count == algorithm.byteCount else { return nil }
        return bytes
    }

    // MARK: As stored

    /// The checksum as one text, for a column.
    package var stored: String {
        "\(algorithm.rawValue) \(type.rawValue) \(text)"
    }

    /// Reads what `stored` wrote; nil when it is something else.
    package init?(stored: String) {
        let words = stored.split(separator: " ").map(String.init)
        guard words.count == 3, let algorithm = ChecksumAlgorithm(rawValue: words[0]), let type = ChecksumType(rawValue: words[1]) else {
            return nil
        }
        let numbers = words[2].split(separator: "-").map(String.init)
        guard let first = numbers.first, let value = ObjectChecksum.value(first, of: algorithm) else { return nil }
        self.init(algorithm, type, value: value, parts: numbers.count > 1 ? Int(numbers[1]) : nil)
    }

    // MARK: Of parts

    /// The checksum of an object out of those of its parts: of their values for `COMPOSITE`, of all bytes for `FULL_OBJECT`, which
    /// cyclic checks alone allow. Nil when it cannot be made.
    package static func combined(
        _ algorithm: ChecksumAlgorithm, _ type: ChecksumType, parts: [(value: [UInt8], size: Int64)]
    ) -> ObjectChecksum? {
        switch type {
        case .composite:
            var digest = RunningDigest(algorithm)
            for part in parts { digest.update(part.value) }
            return ObjectChecksum(algorithm, .composite, value: digest.value, parts: parts.count)
        case .fullObject:
            guard algorithm.isLinear else { return nil }
            let kind = RunningDigest.cyclicKind(algorithm)
            var check: UInt64 = 0
            for part in parts {
                let next = part.value.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
                check = cobjectfiles_crc_combine(kind, check, next, UInt64(part.size))
            }
            return ObjectChecksum(algorithm, .fullObject, value: RunningDigest.bytes(of: check, count: algorithm.byteCount))
        }
    }
}

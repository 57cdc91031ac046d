import AgentProtocol

@testable import Agent

/// Segments as the supervisor writes them, made by hand.
enum SpoolFixture {
    /// A frame; `spool.h` of the supervisor gives its layout.
    static func frame(_ text: String, offset: Int, step: Int = 0, stream: UInt8 = 1, at: Int64 = 0) -> [UInt8] {
        let payload = Array(text.utf8)
        let rest = littleEndian(UInt64(offset)) + littleEndian(at) + littleEndian(UInt16(step)) + [stream, 0] + payload
        return littleEndian(UInt32(payload.count)) + littleEndian(rest.withUnsafeBytes { Crc32.checksum($0) }) + rest
    }

    static func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }
}

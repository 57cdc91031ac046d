import JSONCore
import StatesLanguage
import Testing
import TimeSource

@testable import StatesInterpreter

/// The bytes in the database: published check values, and records of version 1 that every later version must read.
@Suite struct StoredFormatTests {
    @Test func theChecksumIsCastagnolis() {
        #expect(CRC32C.checksum(of: Array("123456789".utf8)[...]) == 0xE306_9283)
        #expect(CRC32C.checksum(of: [UInt8](repeating: 0, count: 32)[...]) == 0x8A91_36AA)
        #expect(CRC32C.checksum(of: [UInt8](repeating: 0xFF, count: 32)[...]) == 0x62A8_AB43)
    }

    /// The reference implementation's vector for sixteen bytes 00…0f under the key 00…0f.
    @Test func randomnessIsSipHash() {
        let key: (UInt64, UInt64) = (0x0706_0504_0302_0100, 0x0F0E_0D0C_0B0A_0908)
        #expect(SipHash.hash(0x0706_0504_0302_0100, 0x0F0E_0D0C_0B0A_0908, key: key) == 0x3F2A_CC7F_57C2_9BDB)
    }

    @Test func numbersOfAllSizesReadBack() throws {
        let numbers: [Int64] = [0, 1, 127, 128, 300, -1, .max, .min, 1 << 62]
        var writer = ByteWriter()
        for number in numbers {
            writer.number(number)
            writer.signed(number)
        }
        var reader = ByteReader(writer.bytes, from: 0, to: writer.bytes.count, payloads: PayloadTable())
        for number in numbers {
            #expect(try reader.number() == number)
            #expect(try reader.signed() == number)
        }
        #expect(reader.isAtEnd)
    }

    /// A change of these bytes breaks stored executions: give the format a new version and keep reading this one.
    @Test func recordsOfVersionOneStayReadable() throws {
        var story = try Story([
            "StartAt": "A",
            "States": [
                "A": ["Type": "Pass", "Result": [1], "ResultPath": "$.r", "Assign": ["v": true], "Next": "T"],
                "T": ["Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "End": true,
                    "TimeoutSeconds": 60, "HeartbeatSeconds": 9],
            ],
        ])
        let input = JSONDocument(["n": 1])
        story.take(.start(input: input))
        let chunk = HistoryChunk(input: .start(input: input), now: story.now, turn: story.turn)
        #expect(hex(chunk.encoded()) == Self.chunk)
        #expect(hex(story.state.encoded()) == Self.snapshot)
        #expect(story.tasks.map { hex($0.encoded()) } == [Self.request])

        var table = PayloadTable()
        #expect(try HistoryChunk(decoding: bytes(Self.chunk), payloads: &table) == chunk)
        #expect(try ExecutionState(decoding: bytes(Self.snapshot), payloads: &table) == story.state)
        #expect(try TaskRequest(decoding: bytes(Self.request)) == story.tasks[0])
    }

    private static let chunk =
        "014301e80780897a80f8b2e5bd680301077b226e223a317d020a7b2276223a747275657d030f7b226e223a312c2272223a5b"
        + "315d7d0001010105010b00010102260004000141010127000501030102012f000400015403012b00080003737173001c7365"
        + "6e644d6573736167652e77616974466f725461736b546f6b656e000975732d656173742d3103013c01090100000002030400"
        + "0500010202010001c0a907010901d08c01000001060204010101000101901040a2"
    private static let snapshot =
        "0153030101077b226e223a317d03010f7b226e223a312c2272223a5b315d7d02010a7b2276223a747275657d010602040101"
        + "010001000000000154030480f8b2e5bd680500010202010001c0b28101010901d0957b0054a55877"
    private static let request =
        "015401003161726e3a6177733a7374617465733a3a3a7371733a73656e644d6573736167652e77616974466f725461736b54"
        + "6f6b656e03010f7b226e223a312c2272223a5b315d7d0001540000013c0109010007746f6b656e2d319b02d8ea"

    private func hex(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    private func bytes(_ hex: String) -> [UInt8] {
        stride(from: 0, to: hex.utf8.count, by: 2).compactMap { UInt8(hex.dropFirst($0).prefix(2), radix: 16) }
    }
}

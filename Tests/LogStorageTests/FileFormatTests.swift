import Testing

@testable import LogStorage

struct FileFormatTests {
    @Test func theChecksumIsCRC32C() {
        // RFC 3720, appendix B.4, and the check value of the CRC catalogue.
        #expect(Checksum.crc32c(Array("123456789".utf8), 0..<9) == 0xE306_9283)
        #expect(Checksum.crc32c([UInt8](repeating: 0, count: 32), 0..<32) == 0x8A91_36AA)
        #expect(Checksum.crc32c([UInt8](repeating: 0xFF, count: 32), 0..<32) == 0x62A8_AB43)
        #expect(Checksum.crc32c((0..<32).map { UInt8($0) }, 0..<32) == 0x46DD_794E)
    }

    @Test func zerosAreNoFrame() {
        #expect(Frame.body(in: [UInt8](repeating: 0, count: 64), at: 0) == nil)
        #expect(Frame.body(in: [], at: 0) == nil)
        #expect(Frame.body(in: [1, 0, 0, 0, 0, 0, 0, 0, 0], at: 0) == nil)
    }

    @Test func groupDescriptionsAreReadBack() {
        let description = GroupDescription(
            name: LogGroupName(account: "1", name: "/a"), createdAt: -5, retentionInDays: 7, tags: ["k": "v", "ü": ""])
        let bytes = description.encoded()
        #expect(GroupDescription.decode(bytes) == description)
        for length in 0..<bytes.count { #expect(GroupDescription.decode(Array(bytes[..<length])) == nil) }
    }

    @Test(arguments: [
        ("0000001a-00000002.log", StorePaths.Entry.segment(stream: 26, segment: 2)), ("0000001a.deleted", .deletionMark(stream: 26)),
        ("index", .other), ("0000001a-00000002.log.damaged", .other), ("x000001a-00000002.log", .other),
    ])
    func namesInAGroupsDirectoryAreUnderstood(name: String, entry: StorePaths.Entry) {
        #expect(StorePaths.entry(name) == entry)
    }

    @Test func positionsSurviveTheirTokens() {
        for position in [EventPosition.start, EventPosition(timestamp: 5, sequence: 9), EventPosition(timestamp: .max, sequence: .max)] {
            #expect(EventPosition(token: position.token) == position)
        }
    }
}

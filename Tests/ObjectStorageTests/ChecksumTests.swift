import CObjectFiles
import ObjectStorage
import Testing

/// Check values of "123456789": the catalogue of parametrised CRC algorithms.
@Test(
    arguments: [(COBJECTFILES_CRC32, 0xCBF4_3926), (COBJECTFILES_CRC32C, 0xE306_9283), (COBJECTFILES_CRC64NVME, 0xAE8B_1486_0A79_9888)]
        as [(Int, UInt64)])
func aCyclicCheckHasItsPublishedValue(kind: Int, expected: UInt64) {
    #expect(cobjectfiles_crc(Int32(kind), 0, "123456789", 9) == expected)
    #expect(cobjectfiles_crc_portable(Int32(kind), 0, "123456789", 9) == expected)
}

@Test(arguments: [0, 1, 15, 16, 63, 64, 255, 256, 257, 300, 1000, 4096, 65_537])
func foldingAndTablesAgree(length: Int) {
    let bytes = pattern(length + 7)
    for kind in Int32(0)..<3 {
        for offset in [0, 1, 7] {
            bytes.withUnsafeBytes { buffer in
                let start = buffer.baseAddress.map { $0 + offset }
                let fast = cobjectfiles_crc(kind, 0x1234_5678, start, length)
                #expect(fast == cobjectfiles_crc_portable(kind, 0x1234_5678, start, length))
            }
        }
    }
}

@Test func theCheckOfAWholeFollowsFromThoseOfItsParts() {
    let bytes = pattern(10_000)
    for kind in Int32(0)..<3 {
        for cut in [0, 1, 4999, 10_000] {
            let first = cobjectfiles_crc(kind, 0, Array(bytes[..<cut]), cut)
            let second = cobjectfiles_crc(kind, 0, Array(bytes[cut...]), bytes.count - cut)
            #expect(
                cobjectfiles_crc_combine(kind, first, second, UInt64(bytes.count - cut))
                    == cobjectfiles_crc(kind, 0, bytes, bytes.count))
        }
    }
}

@Test func aChecksumIsReadAsItWasStored() throws {
    let plain = ObjectChecksum(.sha256, value: Array(repeating: 7, count: 32))
    let composite = ObjectChecksum(.crc32, .composite, value: [1, 2, 3, 4], parts: 12)
    for checksum in [plain, composite] { #expect(ObjectChecksum(stored: checksum.stored) == checksum) }
    #expect(composite.text == "AQIDBA==-12")
    #expect(ObjectChecksum(stored: "CRC32 FULL_OBJECT AQ==") == nil)
}

@Test func shaChecksumsCannotBeOfAWholeMadeOfParts() {
    #expect(ObjectChecksum.combined(.sha1, .fullObject, parts: []) == nil)
}

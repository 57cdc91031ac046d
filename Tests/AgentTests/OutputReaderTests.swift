import AgentProtocol
import Glibc
import Testing

@testable import Agent

/// What is read from output segments, whole, growing, torn and damaged.
@Suite struct OutputReaderTests {
    private let root = TemporaryDirectory()
    private let directory: SpoolDirectory

    init() throws {
        directory = SpoolDirectory(attempt: try #require(AttemptID("c.1")), spool: root.path)
        try PosixFile.makeDirectory(directory.path)
    }

    private func write(_ bytes: [UInt8], segment: Int) throws {
        try PosixFile.writeDurably(bytes, to: "out.000\(segment)", in: directory.path)
    }

    private func texts(_ chunks: [OutputChunk]) -> [String] {
        chunks.map { "\($0.stream.step)\($0.stream.kind.rawValue)@\($0.offset):\(String(decoding: $0.bytes, as: UTF8.self))" }
    }

    @Test func theCheckIsTheOneOfGzip() {
        #expect(Array("123456789".utf8).withUnsafeBytes { Crc32.checksum($0) } == 0xCBF4_3926)
    }

    @Test func framesOfOneStreamThatFollowEachOtherTravelTogether() throws {
        try write(
            SpoolFixture.frame("a", offset: 0, at: 10) + SpoolFixture.frame("b", offset: 1, at: 20)
                + SpoolFixture.frame("E", offset: 0, stream: 2) + SpoolFixture.frame("c", offset: 2, at: 500)
                + SpoolFixture.frame("d", offset: 3, at: 700) + SpoolFixture.frame("x", offset: 0, step: 1),
            segment: 1)
        let (chunks, _) = try OutputReader(directory: directory).read(limit: 1 << 20)
        #expect(texts(chunks) == ["0stdout@0:ab", "0stderr@0:E", "0stdout@2:c", "0stdout@3:d", "1stdout@0:x"])
        #expect(chunks.map(\.writtenAtMilliseconds) == [10, 0, 500, 700, 0])
    }

    @Test func everyPrefixOfASegmentReadsAsItsWholeFrames() throws {
        let first = SpoolFixture.frame("hello", offset: 0, at: 0)
        let whole = first + SpoolFixture.frame("world", offset: 5, at: 1_000)
        for length in 0...whole.count {
            try write(Array(whole.prefix(length)), segment: 1)
            let (chunks, end) = try OutputReader(directory: directory).read(limit: 1 << 20)
            #expect(chunks.count == (length < first.count ? 0 : length < whole.count ? 1 : 2))
            #expect(end.offset == (length < first.count ? 0 : length < whole.count ? first.count : whole.count))
        }
    }

    @Test func aTornEndCountsAsNothingMore() throws {
        try write(SpoolFixture.frame("hello", offset: 0) + SpoolFixture.frame("torn", offset: 5).dropLast(), segment: 1)
        var reader = OutputReader(directory: directory)
        #expect(try !reader.isDelivered())
        reader.deliver(to: try reader.read(limit: 100).end)
        #expect(try reader.isDelivered())
        #expect(reader.mayHaveMore())
    }

    @Test func damageInASealedSegmentLosesOnlyItsRest() throws {
        var damaged = SpoolFixture.frame("one", offset: 0) + SpoolFixture.frame("two", offset: 3)
        damaged[damaged.count - 1] ^= 1
        try write(damaged, segment: 1)
        try write(SpoolFixture.frame("six", offset: 6), segment: 2)
        let (chunks, _) = try OutputReader(directory: directory).read(limit: 1 << 20)
        #expect(texts(chunks) == ["0stdout@0:one", "0stdout@6:six"])
    }

    @Test func deliveredSegmentsAreDeletedAndTheNewestStays() throws {
        try write(SpoolFixture.frame("one", offset: 0), segment: 1)
        try write(SpoolFixture.frame("two", offset: 3), segment: 2)
        var reader = OutputReader(directory: directory)
        reader.deliver(to: try reader.read(limit: 1 << 20).end)
        #expect(PosixFile.list(directory.path) == ["out.0002"])
        #expect(try reader.isDelivered())
        // A restarted agent finds the oldest that is left, and sends it again.
        #expect(texts(try OutputReader(directory: directory).read(limit: 1 << 20).chunks) == ["0stdout@3:two"])
    }

    @Test func whatTheServerHasIsNotSentAgain() throws {
        try write(
            SpoolFixture.frame("one", offset: 0) + SpoolFixture.frame("two", offset: 3, at: 999)
                + SpoolFixture.frame("E", offset: 0, stream: 2), segment: 1)
        var reader = OutputReader(directory: directory)
        reader.acknowledge(OutputStream(step: 0, kind: .stdout), offset: 5)
        #expect(texts(try reader.read(limit: 1 << 20).chunks) == ["0stdout@3:two", "0stderr@0:E"])
    }

    @Test func aLimitCutsBetweenFramesAndTheRestFollows() throws {
        try write((0..<5).flatMap { SpoolFixture.frame("abc", offset: $0 * 3, at: Int64($0) * 1_000) }, segment: 1)
        var reader = OutputReader(directory: directory)
        var seen: [String] = []
        while try !reader.isDelivered() {
            let (chunks, end) = try reader.read(limit: 40)
            seen += texts(chunks)
            reader.deliver(to: end)
        }
        #expect(seen == (0..<5).map { "0stdout@\($0 * 3):abc" })
    }

    @Test func laterSegmentsHaveLongerNames() throws {
        try write(SpoolFixture.frame("last", offset: 0), segment: 9)
        try PosixFile.writeDurably(SpoolFixture.frame("z", offset: 0), to: "out.12345", in: directory.path)
        #expect(texts(try OutputReader(directory: directory).read(limit: 1).chunks) == ["0stdout@0:last"])
        unlink("\(directory.path)/out.0009")
        #expect(texts(try OutputReader(directory: directory).read(limit: 1).chunks) == ["0stdout@0:z"])
    }
}

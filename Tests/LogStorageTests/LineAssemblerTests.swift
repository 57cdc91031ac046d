import Testing
import TimeSource

@testable import LogStorage

struct LineAssemblerTests {
    private func lines(_ pieces: [String], limit: Int = 1_000) -> [String] {
        var assembler = LineAssembler(maximumLineLength: limit)
        var lines = pieces.flatMap { assembler.append($0.utf8) }
        if let last = assembler.finish() { lines.append(last) }
        return lines.map { String(decoding: $0, as: UTF8.self) }
    }

    @Test func linesEndAtLineFeeds() {
        #expect(lines([]) == [])
        #expect(lines(["a\nb\n"]) == ["a", "b"])
        #expect(lines(["a\r\nb"]) == ["a", "b"])
        #expect(lines(["a", "b", "\n", "c"]) == ["ab", "c"])
        #expect(lines(["\n\nx\n"]) == ["", "", "x"])
        #expect(lines(["a\r", "\nb\rc\n"]) == ["a", "b\rc"])
    }

    @Test func longLinesAreCutBetweenCharacters() {
        #expect(lines(["aaaaabbbbbcc\nd"], limit: 5) == ["aaaaa", "bbbbb", "cc", "d"])
        #expect(lines(["aaaaa\nb"], limit: 5) == ["aaaaa", "b"])
        #expect(lines(["aaaaé"], limit: 5) == ["aaaa", "é"])
        #expect(lines(["aa😀😀"], limit: 5) == ["aa", "😀", "😀"])
    }

    @Test func bytesThatAreNoTextAreCutAtTheLimit() {
        var assembler = LineAssembler(maximumLineLength: 8)
        #expect(assembler.append([UInt8](repeating: 0x80, count: 20)).map(\.count) == [8, 8])
        #expect(assembler.finish()?.count == 4)
    }

    @Test func completedBytesCoverWhatCameOut() {
        var assembler = LineAssembler(maximumLineLength: 10, startingAt: 100)
        _ = assembler.append("ab\r\ncd".utf8)
        #expect(assembler.completedBytes == 104 && assembler.pendingCount == 2)
        _ = assembler.append("ef\n".utf8)
        #expect(assembler.completedBytes == 109)
        _ = assembler.append("xxxxxxxxxxxx".utf8)
        #expect(assembler.completedBytes == 119)
        #expect(assembler.finish() == Array("xx".utf8))
        #expect(assembler.completedBytes == 121 && assembler.finish() == nil)
    }

    @Test func howTheBytesArriveDoesNotMatter() {
        let random = SeededRandomSource(seed: 11)
        for _ in 0..<300 {
            let text = (0..<60).map { _ in ["a", "\n", "é", "\r\n", "😀", "bc"][Int(random.number(below: 6))] }.joined()
            let bytes = Array(text.utf8)
            var pieces = LineAssembler(maximumLineLength: 9)
            var whole = LineAssembler(maximumLineLength: 9)
            var result: [[UInt8]] = []
            var start = 0
            while start < bytes.count {
                let end = min(bytes.count, start + 1 + Int(random.number(below: 12)))
                result += pieces.append(bytes[start..<end])
                start = end
            }
            #expect(result == whole.append(bytes))
            #expect(pieces.finish() == whole.finish())
            #expect(pieces.completedBytes == Int64(bytes.count))
        }
    }
}

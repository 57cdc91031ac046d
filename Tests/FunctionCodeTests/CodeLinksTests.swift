import FunctionCode
import Testing
import TimeSource

@Suite("Links to code") struct CodeLinksTests {
    private let clock = ManualClock(now: Timestamp(seconds: 1_800_000_000))
    private let digest = CodeDigest(of: [1, 2, 3])

    private func split(_ link: String) -> (path: String, query: String) {
        let parts = link.split(separator: "?").map(String.init)
        return (parts[0], parts[1])
    }

    @Test func aLinkOpensItsArchiveAndNoOther() throws {
        let links = CodeLinks(clock: clock, random: SeededRandomSource(seed: 1))
        let link = split(links.link(to: digest))
        #expect(links.digest(path: link.path, query: link.query) == digest)
        let other = "/functions/code/\(CodeDigest(of: [4]).hexadecimal).zip"
        #expect(links.digest(path: other, query: link.query) == nil)
        #expect(links.digest(path: link.path, query: link.query.replacing("Signature=", with: "Signature=0")) == nil)
        #expect(links.digest(path: link.path, query: "") == nil)
    }

    @Test func aLinkEndsAfterTenMinutes() {
        let links = CodeLinks(clock: clock, random: SeededRandomSource(seed: 1))
        let link = split(links.link(to: digest))
        clock.advance(by: .seconds(600))
        #expect(links.digest(path: link.path, query: link.query) != nil)
        clock.advance(by: .seconds(1))
        #expect(links.digest(path: link.path, query: link.query) == nil)
    }

    @Test func anotherServersLinkOpensNothing() {
        let link = split(CodeLinks(clock: clock, random: SeededRandomSource(seed: 1)).link(to: digest))
        let other = CodeLinks(clock: clock, random: SeededRandomSource(seed: 2))
        #expect(other.digest(path: link.path, query: link.query) == nil)
    }
}

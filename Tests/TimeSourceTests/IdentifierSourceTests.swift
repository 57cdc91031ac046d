import Testing

@testable import TimeSource

@Suite struct IdentifierSourceTests {
    private let clock = ManualClock(now: Timestamp(milliseconds: 0x0123_4567_89AB))

    private func source(seed: UInt64 = 1) -> IdentifierSource {
        IdentifierSource(clock: clock, random: SeededRandomSource(seed: seed))
    }

    private func hasUUIDShape(_ text: String, version: Character) -> Bool {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        return parts.map(\.count) == [8, 4, 4, 4, 12] && parts[2].first == version
            && "89ab".contains(parts[3].first ?? " ")
            && text.allSatisfy { "0123456789abcdef-".contains($0) }
    }

    @Test func randomUUIDsHaveVersionFour() {
        let source = source()
        let made = (0..<1_000).map { _ in source.uuid() }
        #expect(made.allSatisfy { hasUUIDShape($0, version: "4") })
        #expect(Set(made).count == made.count)
    }

    @Test func orderedUUIDsCarryTheTimeAndIncreaseEvenWhenTheClockDoesNot() {
        let source = source()
        var made = (0..<10_000).map { _ in source.orderedUUID() }
        #expect(made[0].hasPrefix("01234567-89ab-7"))
        clock.setWallClock(to: .epoch)
        made += (0..<10).map { _ in source.orderedUUID() }
        #expect(made.allSatisfy { hasUUIDShape($0, version: "7") })
        #expect(zip(made, made.dropFirst()).allSatisfy { $0 < $1 })
    }

    @Test func nodeIDsLookLikeThoseOfAWS() {
        let id = source().managedNodeID()
        #expect(id.count == 20 && id.hasPrefix("mi-"))
        #expect(source().hexadecimal(digits: 7).count == 7)
        #expect(source().base32(characters: 16).allSatisfy { $0.isUppercase || ("2"..."7").contains($0) })
        #expect(source().base64(characters: 40).count == 40)
    }

    @Test func theSameSeedGivesTheSameIdentifiers() {
        #expect(source(seed: 7).uuid() == source(seed: 7).uuid())
        #expect(source(seed: 7).uuid() != source(seed: 8).uuid())
    }

    @Test func boundedNumbersStayBelowTheirBoundAndReachAll() {
        let random = SeededRandomSource(seed: 3)
        let drawn = Set((0..<1_000).map { _ in random.number(below: 7) })
        #expect(drawn == Set(0..<7))
    }

    @Test func theSystemGeneratorGivesAsManyBytesAsAsked() {
        #expect((0...17).map { SystemRandomSource().bytes($0).count } == Array(0...17))
    }
}

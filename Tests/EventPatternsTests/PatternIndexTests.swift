import JSONCore
import Testing
import TimeSource

@testable import EventPatterns

struct PatternIndexTests {
    @Test(
        "Of a thousand rules on different values an event meets those of its own value",
        arguments: [
            #"{"source": ["shop"], "detail": {"order": [%]}}"#, #"{"source": ["shop"], "detail-type": [{"prefix": "type-%-"}]}"#,
            #"{"detail": {"id": [{"equals-ignore-case": "ID-%"}]}, "source": ["shop"]}"#, #"{"detail": {"file": [{"suffix": "-%.png"}]}}"#,
            #"{"source": ["shop"], "$or": [{"detail": {"order": [%]}}, {"detail": {"id": ["none-%"]}}]}"#,
        ])
    func thousandRules(_ template: String) throws {
        let patterns = try (0..<1_000).map { number in
            try EventPattern(parsing: template.split(separator: "%", omittingEmptySubsequences: false).joined(separator: "\(number)"))
        }
        let index = PatternIndex(patterns)
        let event = try JSONParser.parse(
            #"{"source": "shop", "detail-type": "type-77-x", "detail": {"order": 77, "id": "id-77", "file": "a-77.png"}}"#)
        #expect(index.candidates(for: event) == [77])
        #expect(patterns[77].matches(event))
    }

    @Test("Patterns without an exact value are candidates always")
    func unanchored() throws {
        let texts = [
            #"{"a": [{"anything-but": "x"}]}"#, #"{"a": [{"exists": false}]}"#, #"{"a": [{"numeric": [">", 1]}]}"#, #"{"a": ["x"]}"#,
            #"{"a": ["x", {"exists": false}]}"#,
        ]
        let index = PatternIndex(try texts.map { try EventPattern(parsing: $0) })
        #expect(index.candidates(for: ["b": 1]) == [0, 1, 2, 4])
        #expect(index.candidates(for: ["a": "x"]) == [0, 1, 2, 3, 4])
    }

    @Test("The index finds what looking at each pattern finds", arguments: 0..<40)
    func equalsBruteForce(seed: UInt64) throws {
        var words = Words(seed: seed)
        let patterns = try (0..<60).map { _ in try EventPattern(words.pattern(depth: 3)) }
        let index = PatternIndex(patterns)
        for _ in 0..<60 {
            let event = words.event(depth: 3)
            let matching = patterns.indices.filter { patterns[$0].matches(event) }
            let candidates = index.candidates(for: event)
            #expect(candidates == candidates.sorted())
            #expect(candidates.filter { patterns[$0].matches(event) } == matching, "seed \(seed), event \(event)")
        }
    }

    @Test("What may match by its source and type is never less than what matches", arguments: 0..<20)
    func mayMatch(seed: UInt64) throws {
        var words = Words(seed: seed)
        for _ in 0..<200 {
            let pattern = try EventPattern(words.pattern(depth: 2))
            let event = words.event(depth: 2)
            guard pattern.matches(event), let object = event.object else { continue }
            let facts = object.members.filter { $0.value.object == nil && $0.value.array == nil }.map { ($0.key, $0.value) }
            #expect(pattern.mayMatch(Dictionary(uniqueKeysWithValues: facts)))
        }
    }
}

/// Random patterns and events over few names and values, so that they often meet.
private struct Words {
    private let random: SeededRandomSource

    init(seed: UInt64) { random = SeededRandomSource(seed: seed) }

    private func one<Element>(of choices: [Element]) -> Element {
        choices[Int(random.number(below: UInt64(choices.count)))]
    }

    private var name: JSONString { one(of: ["a", "b", "c"]) }
    private var value: JSONValue { one(of: ["x", "y", "xy", "XY", 1, 2, 1.0, true, nil, ""]) }

    private func matcher() -> JSONValue {
        one(of: [
            value, value, value, ["prefix": "x"], ["suffix": "y"], ["equals-ignore-case": "xy"], ["anything-but": "x"],
            ["exists": true], ["exists": false], ["numeric": [">", 1]], ["wildcard": "*y"], ["prefix": ["equals-ignore-case": "X"]],
        ])
    }

    mutating func pattern(depth: Int) -> JSONValue {
        var object = JSONObject()
        for _ in 0...Int(random.number(below: 2)) {
            if depth > 0, random.number(below: 4) == 0 {
                object["$or"] = [pattern(depth: depth - 1), pattern(depth: depth - 1)]
            } else if depth > 0, random.number(below: 3) == 0 {
                object[name] = pattern(depth: depth - 1)
            } else {
                object[name] = .array((0...random.number(below: 2)).map { _ in matcher() })
            }
        }
        return .object(object)
    }

    mutating func event(depth: Int) -> JSONValue {
        var object = JSONObject()
        for _ in 0..<3 { object[name] = member(depth: depth) }
        return .object(object)
    }

    private mutating func member(depth: Int) -> JSONValue {
        switch random.number(below: 5) {
        case 0 where depth > 0: event(depth: depth - 1)
        case 1 where depth > 0: .array((0..<random.number(below: 3)).map { _ in member(depth: depth - 1) })
        default: value
        }
    }
}

import Testing
import Foundation
import JSONCore

/// A recorded execution of the corpus, with the rules by which its placeholders compare.
struct Recording: Sendable, CustomTestStringConvertible {
    let id: String
    let definition: JSONValue
    let input: JSONValue
    let type: String
    let expectation: JSONObject
    let isUnordered: Bool
    private let words: [[UInt8]]

    init?(_ line: JSONValue) {
        guard let id = line["id"]?.text, let definition = line["definition"], let expectation = line["expect"]?.object
        else { return nil }
        self.id = id
        self.definition = definition
        input = line["input"] ?? .object(JSONObject())
        type = line["type"]?.text ?? "STANDARD"
        self.expectation = expectation
        isUnordered = line["unordered_parallel"]?.bool ?? false
        let placeholders = line["placeholders"]?.array ?? []
        words = placeholders.compactMap { $0.string?.bytes }.sorted { $0.count > $1.count }
    }

    var testDescription: String { id }

    /// The recorded events, empty when the case has none.
    var history: [JSONObject] { expectation["history"]?.array?.compactMap(\.object) ?? [] }

    /// All recordings of the corpus.
    static func all() throws -> [Recording] {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../Fixtures/asl/executions.jsonl")
        let text = try Data(contentsOf: file)
        return try text.split(separator: UInt8(ascii: "\n")).compactMap { line in
            Recording(try JSONParser.parse(Array(line)))
        }
    }

    // MARK: Comparing

    /// nil when the actual value is what was recorded, else the first difference.
    func difference(_ expected: JSONValue, _ actual: JSONValue, at path: String = "$") -> String? {
        if case .string(let text) = expected { return difference(text, actual, at: path) }
        var actual = actual
        if case .string(let text) = actual, !expected.isNull {
            guard let parsed = try? JSONParser.parse(text.bytes) else {
                return "\(path): expected JSON \(expected), got text \(text)"
            }
            actual = parsed
        }
        switch (expected, actual) {
        case (.object(let first), .object(let second)):
            var rest = second
            for member in first.members {
                if Self.volatile.contains(member.key.text) {
                    rest.remove(member.key)
                    continue
                }
                let key = rest.contains(member.key) ? member.key : rest.keys.first { matches(member.key, $0) }
                guard let key, let value = rest[key] else { return "\(path).\(member.key): missing" }
                if let difference = difference(member.value, value, at: "\(path).\(member.key)") { return difference }
                rest.remove(key)
            }
            let left = rest.keys.filter { !Self.volatile.contains($0.text) }
            return left.isEmpty ? nil : "\(path): unexpected \(left)"
        case (.array(let first), .array(let second)):
            guard first.count == second.count else {
                return "\(path): expected \(first.count) elements, got \(second.count)"
            }
            for (index, pair) in zip(first, second).enumerated() {
                if let difference = difference(pair.0, pair.1, at: "\(path)[\(index)]") { return difference }
            }
            return nil
        case (.number(let first), .number(let second)):
            let (a, b) = (first.double, second.double)
            return a == b || abs(a - b) <= 1e-12 * max(abs(a), abs(b)) ? nil : "\(path): expected \(a), got \(b)"
        default: return expected == actual ? nil : "\(path): expected \(expected), got \(actual)"
        }
    }

    private static let volatile: Set<String> = ["SdkHttpMetadata", "SdkResponseMetadata", "ResponseMetadata"]

    private func difference(_ expected: JSONString, _ actual: JSONValue, at path: String) -> String? {
        if case let parts = pattern(of: expected.bytes), parts.count == 1, parts[0] == nil { return nil }
        let text: JSONString
        if case .string(let string) = actual { text = string } else { text = JSONString(actual.description) }
        if matches(expected, text) { return nil }
        if let first = try? JSONParser.parse(expected.bytes), first.string == nil,
            let second = try? JSONParser.parse(text.bytes), difference(first, second, at: path) == nil
        {
            return nil
        }
        return "\(path): expected \(expected), got \(text)"
    }

    private func matches(_ expected: JSONString, _ actual: JSONString) -> Bool {
        let normal = Array(
            actual.text.replacingOccurrences(of: "000000000000", with: "111111111111")
                .replacingOccurrences(of: "us-east-1", with: "<region>")
                .replacingOccurrences(of: "arn:aws:", with: "arn:<partition>:").utf8)
        return Self.matches(normal, pattern(of: expected.bytes))
    }

    /// The text's bytes; nil stands for a placeholder.
    private func pattern(of text: [UInt8]) -> [UInt8?] {
        var result: [UInt8?] = []
        var index = 0
        while index < text.count {
            let length = placeholder(in: text, at: index)
            if length > 0 {
                result.append(nil)
                index += length
            } else {
                result.append(text[index])
                index += 1
            }
        }
        return result
    }

    private func placeholder(in text: [UInt8], at index: Int) -> Int {
        let rest = text[index...]
        if rest.first == UInt8(ascii: "<") {
            if rest.starts(with: "<region>".utf8) || rest.starts(with: "<partition>".utf8) { return 0 }
            var end = index + 1
            if end < text.count, text[end] == UInt8(ascii: "<") { end += 1 }
            guard end < text.count, isLetter(text[end]) else { return 0 }
            while end < text.count, isWord(text[end]) || ".:-".utf8.contains(text[end]) { end += 1 }
            guard end < text.count, text[end] == UInt8(ascii: ">") else { return 0 }
            end += 1
            if end < text.count, text[end] == UInt8(ascii: ":") {
                var tail = end + 1
                while tail < text.count, (0x30...0x39).contains(text[tail]) { tail += 1 }
                if tail > end + 1, tail < text.count, text[tail] == UInt8(ascii: ">") { end = tail + 1 }
            }
            return end - index
        }
        if index > 0, isWord(text[index - 1]) || text[index - 1] == UInt8(ascii: "<") { return 0 }
        for word in words where rest.starts(with: word) {
            let after = index + word.count
            if after < text.count, isWord(text[after]) || text[after] == UInt8(ascii: ">") { continue }
            return word.count
        }
        return 0
    }

    private func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte | 0x20) }
    private func isWord(_ byte: UInt8) -> Bool { isLetter(byte) || (0x30...0x39).contains(byte) || byte == 0x5F }

    private static func matches(_ text: [UInt8], _ parts: [UInt8?]) -> Bool {
        var position = 0
        var part = 0
        var star: (Int, Int)?
        while position < text.count {
            if part < parts.count, parts[part] == nil {
                star = (part, position)
                part += 1
            } else if part < parts.count, parts[part] == text[position] {
                part += 1
                position += 1
            } else if let last = star {
                part = last.0 + 1
                position = last.1 + 1
                star = (last.0, position)
            } else {
                return false
            }
        }
        return parts[part...].allSatisfy { $0 == nil }
    }
}

import Foundation
import JSONCore
import JSONPath
import Testing

/// The recordings of `Tests/Fixtures/jsonpath`, see the README there.
@Suite struct IntrinsicRecordingTests {
    @Test func `every recorded call gives the recorded value`() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Fixtures/jsonpath/intrinsic-functions.jsonl")
        let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
        #expect(lines.count == 74)
        for line in lines {
            let recording = try json(String(line))
            let expression = try #require(recording["expression"]?.text)
            let input = try #require(recording["input"])
            let value = try evaluated(expression, input: input, context: recording["context"] ?? [:])
            if recording["unspecified"] != true {
                #expect(value == recording["output"], "\(recording["id"]?.text ?? "")")
            }
        }
    }
}

import Engine
import Testing

/// What functions say about the messages of their batch: the cases of "Implementing partial batch responses" in the Lambda Developer Guide.
@Suite struct BatchReportTests {
    @Test(arguments: ["", "null", "{}", "{\"batchItemFailures\": []}", "{\"batchItemFailures\": null}", "\"done\"", "[1]"])
    func theseSayThatAllWentWell(answer: String) {
        #expect(BatchReport(answer: Array(answer.utf8), of: ["a", "b"]) == .processed(except: []))
    }

    @Test func theseFailedAlone() {
        let answer = "{\"batchItemFailures\": [{\"itemIdentifier\": \"b\"}, {\"itemIdentifier\": \"c\"}]}"
        #expect(BatchReport(answer: Array(answer.utf8), of: ["a", "b", "c"]) == .processed(except: ["b", "c"]))
    }

    @Test(arguments: [
        "{\"batchItemFailures\": [{\"itemIdentifier\": \"\"}]}", "{\"batchItemFailures\": [{\"itemIdentifier\": null}]}",
        "{\"batchItemFailures\": [{\"badKey\": \"a\"}]}", "{\"batchItemFailures\": [{\"itemIdentifier\": \"unknown\"}]}",
        "{\"batchItemFailures\": \"a\"}", "{\"batchItemFailures\"",
    ])
    func theseFailTheWholeBatch(answer: String) {
        guard case .failed = BatchReport(answer: Array(answer.utf8), of: ["a"]) else {
            Issue.record("not failed")
            return
        }
    }
}

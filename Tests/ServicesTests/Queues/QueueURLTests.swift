import AWSProtocols
import Store
import Testing

@testable import Services

@Suite struct QueueURLTests {
    private let account = "000000000000"

    @Test(arguments: [
        "http://127.0.0.1:7070/000000000000/orders", "https://sqs.us-east-1.amazonaws.com/000000000000/orders",
        "http://proxy/behind/a/prefix/000000000000/orders", "/000000000000/orders", "orders",
    ])
    func onlyThePathCounts(url: String) throws {
        #expect(try QueueURL.queue(url, account: account) == QueueName(account: account, name: "orders"))
    }

    @Test func theURLIsAtTheAddressThatTheClientWrote() {
        let queue = QueueName(account: account, name: "a.fifo")
        #expect(QueueURL.text(queue, endpoint: "https://batch.example:7070") == "https://batch.example:7070/000000000000/a.fifo")
    }

    @Test(arguments: [
        ("http://127.0.0.1:7070/111111111111/orders", "QueueDoesNotExist"), ("http://127.0.0.1:7070/orders", "InvalidAddress"),
        ("http://127.0.0.1:7070/000000000000/", "InvalidAddress"), ("http://127.0.0.1/abc/orders", "InvalidAddress"),
        ("no queue", "InvalidAddress"),
    ])
    func otherTextsAreRefused(url: String, code: String) {
        #expect { try QueueURL.queue(url, account: account) } throws: { ($0 as? APIError)?.code == code }
    }

    @Test(arguments: [
        ("orders", false, true), ("orders.fifo", true, true), ("orders", true, false), ("orders.fifo", false, false),
        ("a b", false, false), ("", false, false), (".fifo", true, false), (String(repeating: "a", count: 80), false, true),
        (String(repeating: "a", count: 81), false, false), (String(repeating: "a", count: 76) + ".fifo", true, false),
        ("é", false, false),
    ])
    func namesFollowTheQueuesType(name: String, isFIFO: Bool, isRight: Bool) {
        #expect(((try? QueueNameRules.check(name, isFIFO: isFIFO)) != nil) == isRight)
    }
}

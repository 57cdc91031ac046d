import JSONCore
import Testing

@testable import AdminCLI

struct MessageEnvironmentTests {
    private let url = "http://127.0.0.1:7070/000000000000/reports.fifo"

    @Test func aCommandLearnsWhatTheQueueKnows() throws {
        let answer: JSONValue = [
            "MessageId": "m-1", "ReceiptHandle": "h", "Body": "{}",
            "Attributes": [
                "ApproximateReceiveCount": "3", "SentTimestamp": "1795212000000", "MessageGroupId": "g", "SequenceNumber": "18",
            ],
            "MessageAttributes": [
                "report-type": ["DataType": "String", "StringValue": "daily"], "logo": ["DataType": "Binary", "BinaryValue": "AQI="],
            ],
        ]
        let message = try #require(QueueMessage(answer))
        #expect(message.receiveCount == 3)
        let variables = MessageEnvironment.variables(for: message, queueURL: url, inherited: ["PATH": "/bin"])
        #expect(
            variables == [
                "PATH": "/bin", "NIGHTSHIFT_QUEUE": "reports.fifo", "NIGHTSHIFT_QUEUE_URL": url, "NIGHTSHIFT_MESSAGE_ID": "m-1",
                "NIGHTSHIFT_RECEIVE_COUNT": "3", "NIGHTSHIFT_SENT_AT": "1795212000000", "NIGHTSHIFT_MESSAGE_GROUP_ID": "g",
                "NIGHTSHIFT_SEQUENCE_NUMBER": "18", "NIGHTSHIFT_ATTRIBUTE_REPORT_TYPE": "daily", "NIGHTSHIFT_ATTRIBUTE_LOGO": "AQI=",
            ])
    }

    @Test func nothingOfAnotherMessageIsInherited() {
        let outer = [
            "NIGHTSHIFT_ATTRIBUTE_COLOUR": "red", "NIGHTSHIFT_MESSAGE_GROUP_ID": "outer", "NIGHTSHIFT_ENDPOINT": "http://h",
            "HOME": "/root",
        ]
        let variables = MessageEnvironment.variables(
            for: QueueMessage(id: "m", receiptHandle: "h", body: ""), queueURL: url, inherited: outer)
        #expect(variables["NIGHTSHIFT_ATTRIBUTE_COLOUR"] == nil)
        #expect(variables["NIGHTSHIFT_MESSAGE_GROUP_ID"] == nil)
        #expect(variables["NIGHTSHIFT_ENDPOINT"] == "http://h")
    }

    @Test func whatTheKernelWouldRefuseIsLeftOut() {
        let long = String(repeating: "x", count: MessageEnvironment.longestValue + 1)
        let message = QueueMessage(
            id: "m", receiptHandle: "h", body: "", attributes: [.init(name: "long", value: long), .init(name: "nul", value: "a\u{0}b")])
        let variables = MessageEnvironment.variables(for: message, queueURL: url, inherited: [:])
        #expect(variables.keys.sorted() == ["NIGHTSHIFT_MESSAGE_ID", "NIGHTSHIFT_QUEUE", "NIGHTSHIFT_QUEUE_URL"])
    }

    @Test(arguments: [
        ("http://h:7070/000000000000/q", "http://h:7070"),
        ("https://sqs.us-east-1.amazonaws.com/1/q", "https://sqs.us-east-1.amazonaws.com"),
    ])
    func aQueueURLTellsWhereItsServerIs(text: String, address: String) {
        #expect(RunWorker.address(inURL: text) == address)
        #expect(RunWorker.address(inURL: "reports") == nil)
    }

    @Test(arguments: [("30", 30), ("90s", 90), ("10m", 600), ("1h30m", 5400), ("0", 0)])
    func durationsAreSecondsUnlessTheySayMore(text: String, seconds: Int) {
        #expect(WholeSeconds(argument: text)?.count == seconds)
    }

    @Test(arguments: ["", "-1", "soon", "1.5"])
    func whatIsNoDuration(text: String) {
        #expect(WholeSeconds(argument: text) == nil)
    }
}

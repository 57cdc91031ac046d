import Engine
import Store
import Testing

@Suite("Names of queues")
struct QueueNameTests {
    @Test("An ARN names a queue, and a queue its ARN")
    func arn() {
        let queue = QueueName(account: "000000000000", name: "orders.fifo")
        #expect(queue.arn(region: "us-east-1") == "arn:aws:sqs:us-east-1:000000000000:orders.fifo")
        #expect(QueueName(arn: "arn:aws:sqs:us-east-1:000000000000:orders.fifo") == queue)
        #expect(queue.isFIFO)
        #expect(!QueueName(account: "000000000000", name: "fifo").isFIFO)
    }

    @Test(
        "What is no queue's ARN names none",
        arguments: [
            "orders", "arn:aws:sns:us-east-1:000000000000:orders", "arn:aws:sqs:us-east-1::orders",
            "arn:aws:sqs:us-east-1:000000000000:a:b",
        ])
    func noQueue(text: String) {
        #expect(QueueName(arn: text) == nil)
    }
}

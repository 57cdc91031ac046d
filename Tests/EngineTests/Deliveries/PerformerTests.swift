import Engine
import Integrations
import SMTPMail
import Store
import Synchronization
import Testing
import TimeSource

@Suite("Performers") struct PerformerTests {
    private static let webhook = WebhookDelivery(
        url: "http://127.0.0.1:1/", headers: [.init("x-amz-sns-message-type", "Notification")], content: "text",
        retryPolicy: WebhookRetryPolicy())

    private func record(kind: String, attempts: Int = 0, body: [UInt8]) -> DeliveryRecord {
        DeliveryRecord(
            id: "0195-delivery", account: "000000000000", kind: kind, attempts: attempts, createdAt: Timestamp(seconds: 1_000), body: body)
    }

    private func mail(attempts: Int = 0, subject: String = "FAILED: nightly") -> DeliveryRecord {
        let mail = MailDelivery(
            to: "ops@example.com", senderName: "Batch \"night\"", subject: subject, text: "log", writtenAt: Timestamp(seconds: 1_000))
        return record(kind: MailDelivery.kind, attempts: attempts, body: mail.encoded)
    }

    @Test func aMailKeepsItsMessageIDAtEachAttempt() async {
        let sent = Mutex<[MailMessage]>([])
        let performer = MailPerformer(
            send: { message throws(MailError) in sent.withLock { $0.append(message) } }, from: "nightshift@batch.example.com",
            domain: "batch.example.com")
        for attempts in 0..<2 {
            #expect(await performer.perform(mail(attempts: attempts), now: Timestamp(seconds: 1_000)) == .delivered)
        }
        let messages = sent.withLock { $0 }
        #expect(messages.map(\.id.rawValue) == Array(repeating: "<0195-delivery@batch.example.com>", count: 2))
        #expect(messages.first?.subject == "FAILED: nightly")
        #expect(messages.first?.from.displayName == "Batch \"night\"")
        #expect(messages.first?.from.mailbox == "nightshift@batch.example.com")
    }

    @Test(arguments: [MailError.Kind.transient, .unknown]) func aMailThatWasNotTakenIsTriedAgain(kind: MailError.Kind) async {
        let performer = MailPerformer(
            send: { _ throws(MailError) in throw MailError(kind, stage: .connection, reason: "refused") }, from: "a@example.com",
            domain: "example.com")
        let outcome = await performer.perform(mail(attempts: 2), now: Timestamp(seconds: 1_010))
        guard case .tryAgain(let delay, _) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(delay == .seconds(4))
        let old = await performer.perform(mail(attempts: 900), now: Timestamp(seconds: 1_000 + 5 * 86_400))
        guard case .failed = old else {
            Issue.record("\(old)")
            return
        }
    }

    @Test func aMailRefusedForGoodIsNotTriedAgain() async {
        let performer = MailPerformer(
            send: { _ throws(MailError) in throw MailError(.permanent, stage: .recipient, reason: "no such user") }, from: "a@example.com",
            domain: "example.com")
        guard case .failed = await performer.perform(mail(), now: Timestamp(seconds: 1_000)) else {
            Issue.record("not given up")
            return
        }
    }

    @Test func withoutAMailServerMailsWait() async {
        let performer = MailPerformer(send: nil, from: "a@example.com", domain: "example.com")
        guard case .tryAgain = await performer.perform(mail(), now: Timestamp(seconds: 1_000)) else {
            Issue.record("not kept")
            return
        }
    }

    @Test(arguments: [
        (200, true, false), (204, true, false), (301, false, false), (404, false, false), (429, false, true), (503, false, true),
    ])
    func answersOfWebhooks(status: Int, isDelivered: Bool, isRetried: Bool) {
        switch WebhookPerformer.outcome(status: status, PerformerTests.webhook, attempts: 0) {
        case .delivered: #expect(isDelivered)
        case .tryAgain(let delay, _): #expect(isRetried && delay == .seconds(20))
        case .failed: #expect(!isDelivered && !isRetried)
        case .postponed, .settled, .deadLettered: Issue.record("a webhook is never postponed, and has no queue")
        }
    }

    @Test func aWebhookIsGivenUpAfterItsLastRetry() {
        let outcome = WebhookPerformer.outcome(status: 500, PerformerTests.webhook, attempts: 3)
        #expect(outcome == .failed(reason: "The endpoint answered with status 500."))
    }

    @Test func bodiesSurviveTheStore() {
        #expect(WebhookDelivery(encoded: PerformerTests.webhook.encoded) == PerformerTests.webhook)
        let mail = MailDelivery(
            to: "a@b", subject: "Grüße \u{1F600}", text: "e\u{301} \"quoted\"\nline", writtenAt: Timestamp(milliseconds: 5),
            unsubscribeURL: "http://h/?a=b")
        #expect(MailDelivery(encoded: mail.encoded) == mail)
        let function = FunctionDelivery(
            functionARN: "arn:aws:lambda:us-east-1:000000000000:function:f", payload: Array(#"{"a":"\u0000"}"#.utf8))
        #expect(FunctionDelivery(encoded: function.encoded) == function)
        #expect(MailDelivery(encoded: Array("{}".utf8)) == nil)
    }

    private struct Invoker: FunctionInvoker {
        let outcome: FunctionInvocationOutcome
        var queue: QueueName?

        func deadLetterQueue(function arn: String, account: String) -> QueueName? { queue }

        func invokeForEvent(
            function arn: String, account: String, payload: [UInt8], requestID: String
        ) async -> FunctionInvocationOutcome { outcome }
    }

    @Test func anEventThatAFunctionFailedAtForGoodGoesToTheFunctionsDeadLetters() async throws {
        let queue = QueueName(account: "000000000000", name: "letters")
        let performer = FunctionPerformer(invoker: Invoker(outcome: .failed(reason: "x"), queue: queue))
        let body = FunctionDelivery(functionARN: "arn:aws:lambda:us-east-1:000000000000:function:f", payload: Array("{}".utf8)).encoded
        let delivery = DeliveryRecord(
            id: "d", account: "000000000000", kind: FunctionDelivery.kind, attempts: 2, createdAt: .epoch, body: body)
        guard case .deadLettered(let message, "x") = await performer.perform(delivery, now: .epoch) else {
            Issue.record("no dead letter")
            return
        }
        #expect(message.queue == queue)
        #expect(message.body == "{}")
        #expect(message.attributes.map(\.name) == ["RequestID", "ErrorCode", "ErrorMessage"])
        #expect(message.attributes.first?.value == .string("d"))
    }

    @Test(arguments: [
        (FunctionInvocationOutcome.succeeded, 0, DeliveryOutcome.delivered),
        (.failed(reason: "x"), 0, .tryAgain(after: .seconds(60), reason: "x")),
        (.failed(reason: "x"), 1, .tryAgain(after: .seconds(120), reason: "x")),
        (.failed(reason: "x"), 2, .failed(reason: "x")),
        (.notStarted(reason: "busy"), 0, .postponed(for: .seconds(10), reason: "busy")),
        (.refused(reason: "gone"), 0, .failed(reason: "gone")),
    ])
    func aFunctionIsRetriedTwice(outcome: FunctionInvocationOutcome, attempts: Int, expected: DeliveryOutcome) async {
        let performer = FunctionPerformer(invoker: Invoker(outcome: outcome))
        let delivery = record(
            kind: FunctionDelivery.kind, attempts: attempts, body: FunctionDelivery(functionARN: "f", payload: Array("{}".utf8)).encoded)
        #expect(await performer.perform(delivery, now: Timestamp(seconds: 1_080)) == expected)
    }
}

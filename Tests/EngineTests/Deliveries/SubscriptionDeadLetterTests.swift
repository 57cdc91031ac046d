import Engine
import Store
import Testing
import TimeSource

/// Dead letters of subscriptions, in the bodies of their deliveries.
@Suite struct SubscriptionDeadLetterTests {
    private let letter = SubscriptionDeadLetter(
        queue: QueueName(account: "000000000000", name: "letters"), body: "{\"a\": \"ä\"}", senderID: "AIDA")

    private func record(_ body: [UInt8]) -> DeliveryRecord {
        DeliveryRecord(id: "d", account: "000000000000", kind: "mail", createdAt: .epoch, body: body)
    }

    @Test func itStandsBesideWhatThePerformerReads() throws {
        let mail = MailDelivery(to: "a@b.c", subject: "s", text: "t", writtenAt: .epoch)
        let body = letter.added(to: mail.encoded)
        #expect(SubscriptionDeadLetter(of: record(body)) == letter)
        #expect(MailDelivery(encoded: body) == mail)
    }

    @Test func withoutOneThereIsNone() {
        #expect(SubscriptionDeadLetter(of: record(Array("{}".utf8))) == nil)
        #expect(SubscriptionDeadLetter(of: record(Array("no JSON".utf8))) == nil)
    }
}

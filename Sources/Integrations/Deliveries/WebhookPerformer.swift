import AWSProtocols
import AsyncHTTPClient
package import Engine
import NIOCore
import NIOHTTP1
package import Store
package import TimeSource

/// Delivers webhooks by HTTP POST.
///
/// As with AWS, a 2xx is success; 429, a 5xx, a timeout after 15 seconds or a network error is retried as the delivery policy says; any
/// other answer, redirects included, is a failure for good (Amazon SNS Developer Guide, "Message delivery retries").
///
/// Webhooks are unrepeatable: an attempt that a crash cut off is not repeated as such. It counts as one failed attempt, and the delivery
/// policy decides whether there is another.
package struct WebhookPerformer: DeliveryPerformer {
    /// `webhook`.
    package let kind = WebhookDelivery.kind
    /// A receiver promises nothing about repetitions.
    package let effectClass = EffectClass.unrepeatable
    /// A slow receiver holds one of these for 15 seconds at most.
    package let concurrency = 100

    private static let timeout = TimeAmount.seconds(15)
    private static let answerLimit = 64 * 1024

    private let client: WebhookClient

    /// Posts by a client that runs beside the queue.
    package init(client: WebhookClient) {
        self.client = client
    }

    package func perform(_ delivery: DeliveryRecord, now: Timestamp) async -> DeliveryOutcome {
        guard let webhook = WebhookDelivery(encoded: delivery.body) else {
            return .failed(reason: "The stored webhook cannot be read.")
        }
        let address = WebhookAddress(webhook.url)
        var request = HTTPClientRequest(url: address.url)
        request.method = .POST
        for header in webhook.headers { request.headers.add(name: header.name, value: header.value) }
        if let authorization = address.authorization { request.headers.add(name: "Authorization", value: authorization) }
        request.body = .bytes(Array(webhook.content.utf8))
        do {
            let response = try await client.execute(request, timeout: WebhookPerformer.timeout)
            // Read so that the connection can be used again; what it says does not matter.
            _ = try? await response.body.collect(upTo: WebhookPerformer.answerLimit)
            return WebhookPerformer.outcome(status: Int(response.status.code), webhook, attempts: delivery.attempts)
        } catch let error as HTTPClientError where error == .invalidURL || error == .emptyHost || error == .emptyScheme {
            return .failed(reason: "The address is no web address.")
        } catch {
            return WebhookPerformer.retry(webhook, attempts: delivery.attempts, reason: "The endpoint was not reached: \(error)")
        }
    }

    package func unknownOutcome(of delivery: DeliveryRecord, now: Timestamp) -> DeliveryOutcome {
        guard let webhook = WebhookDelivery(encoded: delivery.body) else {
            return .failed(reason: "The stored webhook cannot be read.")
        }
        return WebhookPerformer.retry(webhook, attempts: delivery.attempts, reason: DeliveryQueue.unknownOutcomeReason)
    }

    /// What an answer means.
    /// - Parameter attempts: failed attempts before this one.
    package static func outcome(status: Int, _ webhook: WebhookDelivery, attempts: Int) -> DeliveryOutcome {
        let reason = "The endpoint answered with status \(status)."
        switch status {
        case 200..<300: return .delivered
        case 429, 500...: return retry(webhook, attempts: attempts, reason: reason)
        default: return .failed(reason: reason)
        }
    }

    private static func retry(_ webhook: WebhookDelivery, attempts: Int, reason: String) -> DeliveryOutcome {
        guard let delay = webhook.retryPolicy.delay(beforeRetry: attempts + 1) else { return .failed(reason: reason) }
        return .tryAgain(after: delay, reason: reason)
    }
}

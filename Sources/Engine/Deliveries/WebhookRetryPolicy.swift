/// How often and how fast a webhook is retried: the `healthyRetryPolicy` of SNS's delivery policies.
///
/// Four phases: at once, at the smallest delay, with growing delays, at the largest (Amazon SNS Developer Guide, "Message delivery
/// retries", section "Creating an HTTP/S delivery policy").
package struct WebhookRetryPolicy: Sendable, Hashable {
    /// How delays grow in the third phase.
    package enum Backoff: String, Sendable, Hashable, CaseIterable {
        case linear
        case arithmetic
        case geometric
        case exponential
    }

    /// All retries of all phases.
    package var numRetries = 3
    /// Retries of the first phase.
    package var numNoDelayRetries = 0
    /// Retries of the second phase.
    package var numMinDelayRetries = 0
    /// Retries of the last phase.
    package var numMaxDelayRetries = 0
    /// Seconds of the smallest delay.
    package var minDelayTarget = 20
    /// Seconds of the largest delay.
    package var maxDelayTarget = 20
    /// How delays grow.
    package var backoffFunction = Backoff.linear

    /// AWS's defaults: three retries, 20 seconds apart.
    package init() {}

    /// The wait before a retry, counted from 1; nil when there is no such retry.
    package func delay(beforeRetry retry: Int) -> Duration? {
        guard retry >= 1, retry <= numRetries else { return nil }
        if retry <= numNoDelayRetries { return .zero }
        if retry <= numNoDelayRetries + numMinDelayRetries { return .seconds(minDelayTarget) }
        if retry > numRetries - numMaxDelayRetries { return .seconds(maxDelayTarget) }
        let steps = numRetries - numNoDelayRetries - numMinDelayRetries - numMaxDelayRetries
        return .seconds(minDelayTarget) + growth(step: retry - numNoDelayRetries - numMinDelayRetries - 1, last: steps - 1)
    }

    /// What is added to the smallest delay at a step from 0 to `last`, where the largest delay is reached.
    private func growth(step: Int, last: Int) -> Duration {
        guard last > 0 else { return .zero }
        let span = Double(maxDelayTarget - minDelayTarget)
        let part = Double(step) / Double(last)
        let seconds: Double =
            switch backoffFunction {
            case .linear: span * part
            case .arithmetic: span * Double(step * (step + 1)) / Double(last * (last + 1))
            case .geometric: span * part * part
            case .exponential: span * WebhookRetryPolicy.powerOfTwo(step) / WebhookRetryPolicy.powerOfTwo(last)
            }
        return .milliseconds(Int64(seconds * 1_000))
    }

    /// 2^n - 1, for up to the 100 retries that a policy may have.
    private static func powerOfTwo(_ exponent: Int) -> Double {
        var value = 1.0
        for _ in 0..<exponent { value *= 2 }
        return value - 1
    }
}

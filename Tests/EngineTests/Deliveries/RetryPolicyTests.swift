import Engine
import Testing

@Suite("Retry policies") struct RetryPolicyTests {
    @Test func theWaitDoublesAndStaysShortForYoungDeliveries() {
        let waits = (1...8).map { RetryPolicy.mail.delay(afterAttempts: $0, age: .seconds(60)) }
        #expect(waits == [1, 2, 4, 8, 16, 30, 30, 30].map { Duration.seconds($0) })
    }

    @Test func theWaitGrowsWithTheAge() {
        #expect(RetryPolicy.mail.delay(afterAttempts: 200, age: .seconds(3_600)) == .seconds(225))
        #expect(RetryPolicy.mail.delay(afterAttempts: 500, age: .seconds(86_400)) == .seconds(900))
    }

    @Test func aMailIsGivenUpAfterFourAndAHalfDays() {
        #expect(RetryPolicy.mail.delay(afterAttempts: 900, age: .seconds(107 * 3_600)) != nil)
        #expect(RetryPolicy.mail.delay(afterAttempts: 900, age: .seconds(108 * 3_600)) == nil)
    }

    @Test func awsDefaultIsThreeRetriesTwentySecondsApart() {
        let waits = (1...4).map { WebhookRetryPolicy().delay(beforeRetry: $0) }
        #expect(waits == [.seconds(20), .seconds(20), .seconds(20), nil])
    }

    @Test(arguments: [
        (WebhookRetryPolicy.Backoff.linear, [0.0, 5, 10, 30, 50, 70, 90, 90]),
        (.exponential, [0, 5, 10, 30.588, 63.529, 90]),
    ])
    func thePhasesFollowEachOther(backoff: WebhookRetryPolicy.Backoff, seconds: [Double]) {
        var policy = WebhookRetryPolicy()
        policy.numNoDelayRetries = 1
        policy.numMinDelayRetries = 1
        policy.numMaxDelayRetries = backoff == .linear ? 1 : 0
        policy.numRetries = seconds.count
        policy.minDelayTarget = backoff == .linear ? 5 : 5
        policy.maxDelayTarget = 90
        policy.backoffFunction = backoff
        let waits = (1...seconds.count).compactMap { policy.delay(beforeRetry: $0) }
        #expect(waits.count == seconds.count)
        #expect(waits.first == .zero)
        #expect(waits.dropFirst().first == .seconds(5))
        #expect(waits.last == .seconds(90))
        #expect(zip(waits, waits.dropFirst()).allSatisfy { $0 <= $1 })
        #expect(policy.delay(beforeRetry: seconds.count + 1) == nil)
    }
}

import AWSProtocols
import AsyncHTTPClient
package import Engine
package import Logging
import NIOCore
import NIOHTTP1
import Services
package import Store
package import TimeSource

/// Sends events to API destinations: one HTTP request for each, through the destination's connection.
///
/// As EventBridge does (User Guide, "API destinations as targets"): five seconds for an answer; 409, 429, 5xx, timeouts and network errors
/// are tried again as the target's retry policy says and no sooner than `Retry-After` asks; any other answer ends the delivery. A
/// destination that gets events faster than its rate lets them wait, until they are too old.
package struct ApiDestinationPerformer: DeliveryPerformer {
    /// `api-destination`.
    package let kind: String = RuleTargetDelivery.apiDestinationKind
    /// EventBridge promises to deliver at least once, and the event's id, the same in every copy, is what receivers know it by. So an
    /// attempt that a crash cut off is made again: a copy is what they are prepared for, an event that is lost is not.
    package let effectClass = EffectClass.deduplicated
    /// A slow receiver holds one of these for five seconds at most.
    package let concurrency = 64

    private static let timeout = TimeAmount.seconds(5)
    /// A turn that comes so soon is waited for on the spot; for a later one the delivery is put back.
    private static let shortWait = Duration.milliseconds(100)

    private let database: any Database
    private let invoker: HTTPInvoker
    private let clock: any ClockSource
    private let random: any RandomSource
    private let logger: Logger
    private let pacer = RequestPacer()

    /// A performer that sends by `invoker`.
    package init(database: any Database, invoker: HTTPInvoker, clock: any ClockSource, random: any RandomSource, logger: Logger) {
        self.database = database
        self.invoker = invoker
        self.clock = clock
        self.random = random
        self.logger = logger
    }

    package func perform(_ delivery: DeliveryRecord, now: Timestamp) async -> DeliveryOutcome {
        guard let event = RuleTargetDelivery(encoded: delivery.body) else {
            return .failed(reason: "The stored event cannot be read.")
        }
        do throws(RuleTargetFailure) {
            let destination = try await destination(event, account: delivery.account)
            guard now - delivery.createdAt < event.maximumAge else {
                throw RuleTargetFailure(.throttling, "The event waited too long for the destination's rate.", isTransient: true)
            }
            let rate = destination.rateLimit ?? ApiDestinationRecord.defaultRate
            let wait = pacer.wait(delivery.id, for: destination.id, perSecond: rate, now: clock.monotonic)
            guard wait <= ApiDestinationPerformer.shortWait else {
                return .postponed(for: wait, reason: "The destination gets \(rate) requests a second.")
            }
            if wait > .zero {
                guard (try? await clock.sleep(for: wait)) != nil else { return .postponed(for: .zero, reason: "The server stops.") }
                // It has its turn now.
                _ = pacer.wait(delivery.id, for: destination.id, perSecond: rate, now: clock.monotonic)
            }
            try await send(event, to: destination)
            return .delivered
        } catch {
            return event.outcome(of: error, delivery, now: now, random: random)
        }
    }

    private func destination(_ event: RuleTargetDelivery, account: String) async throws(RuleTargetFailure) -> ApiDestinationRecord {
        let parts = ARN(event.targetARN)?.resource.split(separator: "/").map(String.init) ?? []
        guard parts.count == 3 else { throw RuleTargetFailure(.invalidParameter, "The target's ARN is none: \(event.targetARN)") }
        let found: ApiDestinationRecord?
        do {
            found = try await database.read { try ApiDestinationStore.find(parts[1], account: account, in: $0) }
        } catch {
            throw RuleTargetFailure(.internalError, "The server's database is not available.", isTransient: true)
        }
        guard let found, found.id == parts[2] else {
            throw RuleTargetFailure(.noResource, "Unable to invoke ApiDestination endpoint: The API destination does not exist.")
        }
        return found
    }

    private func send(_ event: RuleTargetDelivery, to destination: ApiDestinationRecord) async throws(RuleTargetFailure) {
        do {
            if let refusal = HTTPEndpoint.refusal(of: destination.endpoint) { throw RuleTargetFailure(.invalidParameter, refusal) }
            let connection = try await invoker.connections.open(destination.connectionARN, account: destination.account)
            let request = try HTTPTaskRequest(event, to: destination, connection.parameters)
            var answer = try await attempt(request, connection)
            if connection.parameters.type == .oauth, answer.status == 401 || answer.status == 407 {
                // The token may have been withdrawn before its time: it was refused, so nothing happened yet.
                invoker.tokens.forget(connection.key)
                answer = try await attempt(request, connection)
            }
            guard (200..<300).contains(answer.status) else {
                throw RuleTargetFailure(status: answer.status, retryAfter: answer.headers.first(name: "Retry-After"), now: clock.now)
            }
        } catch {
            throw failure(error)
        }
    }

    private func attempt(
        _ request: HTTPTaskRequest, _ connection: ConnectionVault.Opened
    ) async throws -> (status: Int, headers: HTTPHeaders) {
        var request = request
        try await invoker.authorize(&request, by: connection)
        return try await invoker.status(of: try request.message(), timeout: ApiDestinationPerformer.timeout)
    }

    private func failure(_ error: any Error) -> RuleTargetFailure {
        switch error {
        case let failure as RuleTargetFailure: return failure
        case let fault as HTTPTaskRequest.Fault: return RuleTargetFailure(.invalidParameter, fault.reason)
        case let fault as HTTPTokens.Fault: return RuleTargetFailure(.connectionFailure, fault.reason, isTransient: true)
        case ConnectionVault.Fault.notFound:
            return RuleTargetFailure(.noResource, "Unable to invoke ApiDestination endpoint: The connection does not exist.")
        case ConnectionVault.Fault.notAuthorized(let state):
            return RuleTargetFailure(
                .noPermissions, "Unable to invoke ApiDestination endpoint: The connection is in the state \(state).")
        case let error as HTTPClientError where [.deadlineExceeded, .readTimeout, .connectTimeout].contains(error):
            return RuleTargetFailure(
                .timeout, "Unable to invoke ApiDestination endpoint: It did not answer within 5 seconds.", isTransient: true)
        case let error as HTTPClientError where [.invalidURL, .emptyHost, .emptyScheme].contains(error):
            return RuleTargetFailure(.invalidParameter, "Unable to invoke ApiDestination endpoint: It is no web address.")
        case is StoreError:
            return RuleTargetFailure(.internalError, "The server's database is not available.", isTransient: true)
        case let error as HTTPClientError:
            // In short: in full some tell header values, which may be secrets.
            return RuleTargetFailure(
                .connectionFailure,
                "Unable to invoke ApiDestination endpoint: It could not be reached: \(error.shortDescription)", isTransient: true)
        default:
            logger.warning("an API destination could not be called", metadata: ["error": "\(error)"])
            return RuleTargetFailure(
                .connectionFailure, "Unable to invoke ApiDestination endpoint: It could not be reached.", isTransient: true)
        }
    }
}

extension RuleTargetFailure {
    /// The failure that an answer of a destination stands for. A negative `Retry-After` asks for no other attempt (EventBridge User
    /// Guide, "API destinations as targets", "Retry-After").
    init(status: Int, retryAfter: String?, now: Timestamp) {
        let message = "Unable to invoke ApiDestination endpoint: The endpoint returned the HTTP status code \(status)."
        let code: Code =
            switch status {
            case 429: .throttling
            case 401, 403, 407: .noPermissions
            case 400..<500: .sdkClientError
            default: .errorFromTarget
            }
        guard [409, 429].contains(status) || status >= 500 else {
            self.init(code, message)
            return
        }
        let pause = retryAfter.flatMap { RuleTargetFailure.pause($0, now: now) }
        guard let pause else {
            self.init(code, message, isTransient: true)
            return
        }
        self.init(code, message, isTransient: pause >= .zero, pause: pause)
    }

    /// The longest wait that a destination may ask for: an event is kept for a day.
    private static let longestPause: Int64 = 86_400

    /// How long a `Retry-After` asks to wait, as seconds or until a date (RFC 9110, section 10.2.3); nil when it cannot be read.
    private static func pause(_ text: String, now: Timestamp) -> Duration? {
        if let seconds = Int64(text) { return .seconds(min(seconds, longestPause)) }
        return Timestamp(httpDate: text).map { min(max($0 - now, .zero), .seconds(longestPause)) }
    }
}

import AWSProtocols
import Engine
import EventPatterns
import FunctionRuntimes
import Store

/// The members of CreateEventSourceMapping and UpdateEventSourceMapping, checked and put into a mapping's settings.
enum EventSourceMappingRequest {
    /// How many patterns a mapping may have (AWS Lambda Developer Guide, "Filter criteria syntax"): ten, where AWS has raised its five.
    private static let patternLimit = 10
    private static let fifoBatchLimit = 10
    /// A batch of more messages than one receive brings has to wait for them.
    private static let receiveLimit = 10

    /// Members of other kinds of sources, which queues do not have.
    private static let foreign = [
        "ParallelizationFactor", "StartingPosition", "StartingPositionTimestamp", "DestinationConfig", "MaximumRecordAgeInSeconds",
        "BisectBatchOnFunctionError", "MaximumRetryAttempts", "TumblingWindowInSeconds", "Topics", "Queues", "SourceAccessConfigurations",
        "SelfManagedEventSource", "AmazonManagedKafkaEventSourceConfig", "SelfManagedKafkaEventSourceConfig", "DocumentDBEventSourceConfig",
    ]

    /// Changes what the request names.
    static func apply(_ input: APIStructure, to settings: inout QueueMappingSettings, of queue: QueueName) throws(APIError) {
        for name in foreign where input.contains(name) {
            if name == "DestinationConfig", input.structure(name)?.isEmpty ?? true { continue }
            throw LambdaError.invalidParameter("\(name) is not supported for Amazon SQS event sources.")
        }
        if input.contains("ProvisionedPollerConfig") { throw LambdaError.unsupported("Provisioned pollers are") }
        if let size = input.integer("BatchSize") { settings.batchSize = Int(size) }
        if let window = input.integer("MaximumBatchingWindowInSeconds") { settings.batchingWindow = .seconds(window) }
        if let types = input.list("FunctionResponseTypes") { settings.reportsItemFailures = !types.isEmpty }
        if let scaling = input.structure("ScalingConfig") {
            settings.maximumConcurrency = scaling.integer("MaximumConcurrency").map { Int($0) }
        }
        if let criteria = input.structure("FilterCriteria") {
            settings.patterns = criteria.structures("Filters").compactMap { $0.string("Pattern") }
            try check(settings.patterns)
        }
        try check(settings, queue)
    }

    /// Checks that what the function may take fits into the time that messages are hidden.
    static func check(_ queue: QueueRecord, _ function: FunctionSpecification) throws(APIError) {
        let (hidden, timeout) = (queue.attributes.visibilityTimeout, function.timeout)
        guard hidden >= timeout else {
            throw LambdaError.invalidParameter(
                "Queue visibility timeout: \(hidden.components.seconds) seconds is less than Function timeout: \(timeout.components.seconds) seconds"
            )
        }
    }

    private static func check(_ settings: QueueMappingSettings, _ queue: QueueName) throws(APIError) {
        guard queue.isFIFO else {
            guard settings.batchSize <= receiveLimit || settings.batchingWindow > .zero else {
                throw LambdaError.invalidParameter(
                    "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than \(receiveLimit)")
            }
            return
        }
        guard settings.batchingWindow == .zero else {
            throw LambdaError.invalidParameter("Batching window is not supported for FIFO queues")
        }
        guard settings.batchSize <= fifoBatchLimit else {
            throw LambdaError.invalidParameter("Maximum batch size for FIFO queues is \(fifoBatchLimit)")
        }
    }

    private static func check(_ patterns: [String]) throws(APIError) {
        guard patterns.count <= patternLimit else {
            throw LambdaError.invalidParameter("Filter criteria have at most \(patternLimit) filters.")
        }
        for pattern in patterns {
            do throws(EventPatternError) {
                _ = try QueueFilter([pattern])
            } catch {
                throw LambdaError.invalidParameter("Invalid filter pattern definition.")
            }
        }
    }
}

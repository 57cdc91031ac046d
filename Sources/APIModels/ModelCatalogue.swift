package import AWSProtocols
import CAPIModels
import JSONCore
import Synchronization

/// The models of all services that Nightshift speaks. Each is compiled when it is first asked for, once, from the tables in the binary.
package final class ModelCatalogue: Sendable {
    // Unchecked: it points into the binary's constant data, which nobody writes and which lives as long as the process.
    private struct Table: @unchecked Sendable {
        let text: UnsafeBufferPointer<UInt8>
    }

    private let tables: [String: Table]
    private let compiled = Mutex<[String: ServiceModel]>([:])

    /// A catalogue of the tables in the binary.
    package init() {
        var tables: [String: Table] = [:]
        for position in 0..<api_model_count() {
            let model = api_model_at(position)
            tables[String(cString: model.name)] = Table(text: UnsafeBufferPointer(start: model.text, count: model.length))
        }
        self.tables = tables
    }

    /// The service of Nightshift's own operations, which AWS does not have.
    package static let ownService = "nightshift"

    /// The names of AWS's services, as signatures name them, in alphabetical order.
    package var services: [String] { tables.keys.filter { $0 != ModelCatalogue.ownService }.sorted() }

    /// The model of a service by its name in signatures: `states`, `monitoring`; nil when there is none.
    package func model(_ service: String) -> ServiceModel? {
        if let model = compiled.withLock({ $0[service] }) { return model }
        guard let table = tables[service] else { return nil }
        let model: ServiceModel
        do {
            model = try ModelParser.parse(
                Array(table.text), service: service, behaviour: ServiceBehaviour.of(service), overlay: QueryOverlay.of(service))
        } catch {
            preconditionFailure("the embedded model of \(service) cannot be read: \(error)")
        }
        // Two first callers may both compile; the first one's model stays.
        return compiled.withLock { models in
            if let present = models[service] { return present }
            models[service] = model
            return model
        }
    }

    /// The service whose `X-Amz-Target` begins with this prefix, without the dot; nil when none has it.
    package func service(targetPrefix: String) -> ServiceModel? {
        switch targetPrefix {
        // By name, so that a first request does not compile all the models.
        case "AWSStepFunctions": model("states")
        case "AmazonSSM": model("ssm")
        case "AWSEvents": model("events")
        case "Logs_20140328": model("logs")
        case "AmazonSQS": model("sqs")
        case "StarlingDoveService": model("config")
        case "Nightshift_20261101": model(ModelCatalogue.ownService)
        case "GraniteServiceVersion20100801": model("monitoring")
        default: nil
        }
    }
}

import APIModels
import AWSProtocols
import Testing

@Suite struct ModelCatalogueTests {
    @Test func everyEmbeddedModelCompiles() throws {
        let catalogue = ModelCatalogue()
        #expect(catalogue.services == ["config", "events", "lambda", "logs", "monitoring", "resource-groups", "s3", "scheduler", "sns", "sqs", "ssm", "states", "sts"])
        for service in catalogue.services {
            let model = try #require(catalogue.model(service))
            #expect(!model.operations.isEmpty && !model.shapes.isEmpty, "\(service)")
            if let prefix = model.targetPrefix { #expect(catalogue.service(targetPrefix: prefix) === model, "\(service)") }
        }
        #expect(catalogue.model("ec2") == nil)
    }

    @Test func onlyTheListedPatternsAreNotChecked() {
        let catalogue = ModelCatalogue()
        // SSM's ISO 8601 date uses back references, which the matcher does not have.
        let known = ["ssm": 1]
        for service in catalogue.services {
            let patterns = catalogue.model(service)?.uncheckedPatterns ?? []
            #expect(patterns.count == known[service] ?? 0, "\(service): \(patterns)")
        }
    }

    @Test(arguments: [
        ("POST", "/2015-03-31/functions", "CreateFunction"),
        ("GET", "/2015-03-31/functions/", "ListFunctions"),
        ("GET", "/2015-03-31/functions/check", "GetFunction"),
        ("POST", "/2015-03-31/functions/check/invocations", "Invoke"),
        ("GET", "/2015-03-31/functions/check/configuration", "GetFunctionConfiguration"),
        ("PUT", "/2015-03-31/functions/check/code", "UpdateFunctionCode"),
        ("GET", "/2017-03-31/tags/arn%3Aaws%3Alambda%3Aus-east-1%3A000000000000%3Afunction%3Acheck", "ListTags"),
        ("GET", "/2015-03-31/event-source-mappings/", "ListEventSourceMappings"),
    ])
    func lambdaOperationsAreFoundByMethodAndPath(method: String, path: String, operation: String) throws {
        let model = try #require(ModelCatalogue().model("lambda"))
        #expect(model.routes.match(method: method, path: path)?.operation == operation)
    }
}

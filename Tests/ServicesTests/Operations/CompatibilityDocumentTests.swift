import APIModels
import AWSProtocols
import Services
import Testing

@Suite struct CompatibilityDocumentTests {
    @Test func everyOperationIsListedWithItsState() {
        var registry = OperationRegistry()
        registry.register(service: "sts", operation: "GetCallerIdentity") { _, _ in [:] }
        registry.register(service: "states", operation: "StartExecution", options: OperationOptions(partial: "no Express")) { _, _ in [:] }
        let document = CompatibilityDocument(catalogue: ModelCatalogue(), registry: registry)
        let lines = document.markdown.split(separator: "\n")
        #expect(lines.contains("| AWS Step Functions | 0 | 1 | 36 | 37 |"))
        #expect(lines.contains("| GetCallerIdentity | supported | |"))
        #expect(lines.contains("| StartExecution | partial | no Express |"))
        #expect(lines.contains("| SendCommand | absent | |"))
        #expect(document.unknownRegistrations.isEmpty && document.shapelessRegistrations.isEmpty)
    }

    @Test func registrationsThatCannotBeServedAreTold() {
        var registry = OperationRegistry()
        registry.register(service: "states", operation: "Fly") { _, _ in [:] }
        registry.register(service: "ssm", operation: "GetOpsItem") { _, _ in [:] }
        let document = CompatibilityDocument(catalogue: ModelCatalogue(), registry: registry)
        #expect(document.unknownRegistrations == ["states Fly"])
        #expect(document.shapelessRegistrations == ["ssm GetOpsItem"])
    }
}

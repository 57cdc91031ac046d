import Testing

@testable import APIServer

@Suite struct ConfigurationTests {
    @Test func theDefaultsAreValid() throws {
        #expect(try APIServerConfiguration().validated() == APIServerConfiguration())
    }

    @Test func allProblemsAreToldAtOnce() {
        let configuration = APIServerConfiguration(host: "0.0.0.0", port: 70_000, region: "mars", signatureSkew: .zero)
        #expect(throws: InvalidServerConfiguration.self) { try configuration.validated() }
        do {
            _ = try configuration.validated()
        } catch {
            #expect(error.problems.count == 4)
            #expect(error.description.contains("--insecure"))
        }
    }

    @Test(arguments: [("127.0.0.1", true), ("::1", true), ("localhost", true), ("0.0.0.0", false), ("10.0.0.1", false), ("127.evil.example", false)])
    func onlyThisMachineIsLoopback(host: String, isLoopback: Bool) {
        #expect(APIServerConfiguration(host: host).isLoopback == isLoopback)
    }
}

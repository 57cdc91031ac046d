import DatabasePostgres
import Store
import StoreConformance
import Testing

@Suite("Store conformance on PostgreSQL", TestSchema.isThere) struct StoreConformanceTests {
    @Test(arguments: ConformanceCase.all) func conforms(_ promise: ConformanceCase) async throws {
        try await TestSchema.with { schema in
            try await promise.run(on: ConformanceSubject { try await schema.open() })
        }
    }
}

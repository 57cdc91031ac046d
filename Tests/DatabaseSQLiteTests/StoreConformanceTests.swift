import DatabaseSQLite
import Store
import StoreConformance
import TestSupport
import Testing

@Suite("Store conformance on SQLite") struct StoreConformanceTests {
    @Test(arguments: ConformanceCase.all) func conforms(_ promise: ConformanceCase) async throws {
        let directory = try TemporaryDirectory()
        try await promise.run(on: ConformanceSubject { try await SQLiteDatabase.open(path: directory.file("test.db"), readers: 3) })
    }
}

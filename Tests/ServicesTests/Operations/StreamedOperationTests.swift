import AWSProtocols
import Services
import Testing

@Suite struct StreamedOperationTests {
    @Test func aBodyAtHandComesInPieces() async throws {
        let bytes = [UInt8](repeating: 7, count: (1 << 20) + 3)
        let body = BufferedInputBody(bytes)
        #expect(body.length == Int64(bytes.count))
        var sizes: [Int] = []
        while let piece = try await body.next() { sizes.append(piece.count) }
        #expect(sizes == [512 << 10, 512 << 10, 3])
        #expect(try await body.next() == nil && body.trailers.isEmpty)
        #expect(try await BufferedInputBody([]).next() == nil)
    }

    @Test func streamedHandlersStandBesideThePlainOnes() async throws {
        var registry = OperationRegistry()
        registry.register(service: "s3", operation: "PutObject") { _, _ in [:] }
        registry.register(service: "s3", operation: "ListBuckets") { _, _ in [:] }
        registry.registerStreamed(service: "s3", operation: "PutObject") { _, _, body in
            StreamedOutput(["ContentLength": .integer(body.length)])
        }
        #expect(registry.entry(service: "s3", operation: "PutObject")?.streamed != nil)
        #expect(registry.entry(service: "s3", operation: "ListBuckets")?.streamed == nil)
        #expect(registry.operations(of: "s3") == ["PutObject", "ListBuckets"])
    }
}

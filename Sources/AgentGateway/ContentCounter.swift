import AgentProtocol
package import Engine
import Services
import Store
package import TimeSource

/// Hands out the content of `aws:downloadContent` steps: pieces of objects and lists of folders, to who brings a grant for them.
package struct ContentCounter: Sendable {
    /// How many keys a page has.
    private static let page = 1_000

    private let objects: any ObjectStore
    private let keys: EngineKeys
    private let clock: any ClockSource

    /// A counter in front of an object store.
    package init(objects: any ObjectStore, keys: EngineKeys, clock: any ClockSource) {
        self.objects = objects
        self.keys = keys
        self.clock = clock
    }

    /// Answers a request; `Refusal` when it is not granted.
    func answer(_ request: GatewayRequest, registry: NodeRegistry) async throws -> GatewayAnswer {
        guard let grant = request.parameter("grant").flatMap({ ContentGrant($0, keys) }),
            clock.now.milliseconds < grant.expiresAtMilliseconds
        else { throw Refusal(code: .invalidSignature, message: "the permission to fetch this content is not valid or has expired") }
        // A node that is out of service gets nothing any more.
        guard let node = try await registry.find(grant.node), node.state == .active else {
            throw Refusal(code: .deregistered, message: "the instance was deregistered")
        }
        guard let asked = ContentRequest(parameter: request.parameter) else {
            throw Refusal(code: .invalidRequest, message: "content is asked for by key and offset, or as a list")
        }
        do throws(ObjectStoreError) {
            switch asked {
            case .list(let after): return try await list(grant, after: after)
            case .piece(let key, let offset, let tag): return try await piece(grant, key, offset, tag)
            }
        } catch {
            return ContentCounter.refusal(error, grant.source)
        }
    }

    private func list(_ grant: ContentGrant, after: String?) async throws(ObjectStoreError) -> GatewayAnswer {
        guard grant.source.isFolder else { return .refusal(ContentCounter.notGranted) }
        let found = try await objects.list(
            grant.source.bucket, account: grant.account, prefix: grant.source.key, after: after, limit: ContentCounter.page)
        return .ok(ContentListing(keys: found.map(\.key)))
    }

    private func piece(
        _ grant: ContentGrant, _ key: String, _ offset: Int64, _ tag: String?
    ) async throws(ObjectStoreError) -> GatewayAnswer {
        let isGranted = grant.source.isFolder
            ? key.utf8.starts(with: grant.source.key.utf8) : key.utf8.elementsEqual(grant.source.key.utf8)
        guard isGranted else { return .refusal(ContentCounter.notGranted) }
        let piece = try await objects.read(
            ObjectName(account: grant.account, bucket: grant.source.bucket, key: key), from: offset,
            length: ContentRequest.pieceBytes, tag: tag)
        return .content(piece.bytes, headers: [(ContentRequest.tagHeader, piece.tag)])
    }

    private static let notGranted = Refusal(code: .invalidSignature, message: "the permission is for other content")

    private static func refusal(_ error: ObjectStoreError, _ source: ContentSource) -> GatewayAnswer {
        switch error {
        case .noSuchBucket(let bucket): .refusal(Refusal(code: .invalidRequest, message: "there is no bucket \(bucket)"), status: 404)
        case .noSuchKey(let key):
            .refusal(Refusal(code: .invalidRequest, message: "there is no object \(key) in the bucket \(source.bucket)"), status: 404)
        case .changed: .refusal(Refusal(code: .invalidRequest, message: "the object was replaced meanwhile"), status: 409)
        case .unavailable: .refusal(Refusal(code: .invalidRequest, message: "this server has no object storage"), status: 404)
        case .failed: .refusal(Refusal(code: .unavailable, message: "the object storage does not answer"))
        }
    }
}

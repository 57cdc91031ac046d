import AWSProtocols
import JSONCore
import ObjectStorage
import Store

extension ObjectService {
    /// How names are written in a listing: as they are, or with `EncodingType` as in a URL.
    struct NameEncoding {
        private let isURL: Bool

        /// The encoding of a request.
        init(_ input: APIStructure) throws(APIError) {
            let type = input.string("EncodingType")
            guard type == nil || type == "url" else {
                throw S3Error.invalidArgument("encoding-type", type ?? "", "Invalid Encoding Method specified in Request")
            }
            isURL = type == "url"
        }

        /// A name as it stands in the answer.
        func text(_ name: String) -> APIValue {
            guard isURL else { return .string(name) }
            var bytes: [UInt8] = []
            for byte in name.utf8 {
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "*"),
                    UInt8(ascii: "/"):
                    bytes.append(byte)
                default: bytes += Array("%\(HexText.text([byte]).uppercased())".utf8)
                }
            }
            return .string(String(decoding: bytes, as: UTF8.self))
        }

        /// A name that may be missing.
        func text(_ name: String?) -> APIValue { name.map { text($0) } ?? .null }
    }

    /// ListObjects: pages go on with a marker.
    @Sendable func listObjects(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let encoding = try NameEncoding(input)
        let limit = try ObjectService.limit(input, "MaxKeys", wireName: "maxKeys")
        let marker = input.string("Marker") ?? ""
        let delimiter = input.string("Delimiter").flatMap { $0.isEmpty ? nil : $0 }
        let listing = ObjectService.listing(input, limit, after: marker)
        let name = try input.requiredString("Bucket")
        let page = try await repository.list(listing, in: name, account: context.account)
        var output = ObjectService.describe(page, listing, encoding, context, withOwner: true)
        output["Name"] = .string(name)
        output["Prefix"] = encoding.text(input.string("Prefix") ?? "")
        output["Marker"] = encoding.text(marker)
        output["Delimiter"] = encoding.text(delimiter)
        output["MaxKeys"] = .integer(Int64(limit))
        output["EncodingType"] = .optional(input.string("EncodingType"))
        if delimiter != nil, let next = page.next {
            switch next {
            case .after(let key), .afterPrefix(let key): output["NextMarker"] = encoding.text(key.text)
            }
        }
        return output
    }

    /// ListObjectVersions: every object has one version, `null`, as in a bucket that never had versions.
    @Sendable func listObjectVersions(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let encoding = try NameEncoding(input)
        let limit = try ObjectService.limit(input, "MaxKeys", wireName: "maxKeys")
        let marker = input.string("KeyMarker") ?? ""
        let listing = ObjectService.listing(input, limit, after: marker)
        let name = try input.requiredString("Bucket")
        let page = try await repository.list(listing, in: name, account: context.account)
        var output = ObjectService.describe(page, listing, encoding, context, withOwner: true)
        let versions = output.structures("Contents").map { object -> APIValue in
            var version = object
            version["VersionId"] = "null"
            version["IsLatest"] = true
            return .structure(version)
        }
        output["Contents"] = nil
        if !versions.isEmpty { output["Versions"] = .list(versions) }
        output["Name"] = .string(name)
        output["Prefix"] = encoding.text(input.string("Prefix") ?? "")
        output["KeyMarker"] = encoding.text(marker)
        output["VersionIdMarker"] = .string(input.string("VersionIdMarker") ?? "")
        output["Delimiter"] = encoding.text(input.string("Delimiter").flatMap { $0.isEmpty ? nil : $0 })
        output["MaxKeys"] = .integer(Int64(limit))
        output["EncodingType"] = .optional(input.string("EncodingType"))
        switch page.next {
        case .after(let key):
            output["NextKeyMarker"] = encoding.text(key.text)
            output["NextVersionIdMarker"] = "null"
        case .afterPrefix(let key): output["NextKeyMarker"] = encoding.text(key.text)
        case nil: break
        }
        return output
    }

    /// ListObjectsV2: pages go on with a token.
    @Sendable func listObjectsV2(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let encoding = try NameEncoding(input)
        let limit = try ObjectService.limit(input, "MaxKeys", wireName: "maxKeys")
        let name = try input.requiredString("Bucket")
        var listing = ObjectService.listing(input, limit)
        if let start = input.string("StartAfter"), !start.isEmpty { listing.position = .after(ObjectKey(start)) }
        if let token = input.string("ContinuationToken") {
            guard let position = ObjectListing.Position(token: token, bucket: name) else {
                var refusal = S3Error.invalidArgument(
                    "continuation-token", token, "The continuation token provided is incorrect")
                if token.isEmpty { refusal.fields["ArgumentValue"] = nil }
                throw refusal
            }
            listing.position = position
        }
        let page = try await repository.list(listing, in: name, account: context.account)
        var output = ObjectService.describe(
            page, listing, encoding, context, withOwner: input.bool("FetchOwner") == true)
        output["Name"] = .string(name)
        output["Prefix"] = encoding.text(input.string("Prefix") ?? "")
        output["Delimiter"] = encoding.text(input.string("Delimiter").flatMap { $0.isEmpty ? nil : $0 })
        output["MaxKeys"] = .integer(Int64(limit))
        output["EncodingType"] = .optional(input.string("EncodingType"))
        output["KeyCount"] = .integer(Int64(page.objects.count + page.prefixes.count))
        output["ContinuationToken"] = .optional(input.string("ContinuationToken"))
        if !input.contains("ContinuationToken") { output["StartAfter"] = encoding.text(input.string("StartAfter")) }
        if let next = page.next { output["NextContinuationToken"] = .string(next.token(bucket: name)) }
        return output
    }

    private static func listing(_ input: APIStructure, _ limit: Int) -> ObjectListing {
        ObjectListing(
            prefix: ObjectKey(input.string("Prefix") ?? ""),
            delimiter: input.string("Delimiter").flatMap { $0.isEmpty ? nil : Array($0.utf8) }, position: nil, limit: limit)
    }

    /// A listing that goes on behind a key, or behind the common prefix that the last page ended with.
    private static func listing(_ input: APIStructure, _ limit: Int, after marker: String) -> ObjectListing {
        var listing = listing(input, limit)
        guard !marker.isEmpty else { return listing }
        let key = ObjectKey(marker)
        listing.position = listing.commonPrefix(of: key).map { .afterPrefix($0) } ?? .after(key)
        return listing
    }

    private static func describe(
        _ page: ObjectPage, _ listing: ObjectListing, _ encoding: NameEncoding, _ context: RequestContext, withOwner: Bool
    ) -> APIStructure {
        var output: APIStructure = ["IsTruncated": .bool(page.next != nil)]
        let owner = owner(context.account)
        if !page.objects.isEmpty {
            output["Contents"] = .list(
                page.objects.map { object in
                    var entry = APIStructure(capacity: 8)
                    entry.append("Key", encoding.text(object.key.text))
                    entry.append("LastModified", .timestamp(object.lastModified))
                    entry.append("ETag", .string(object.quotedETag))
                    if let checksum = object.checksum.flatMap({ ObjectChecksum(stored: $0) }) {
                        entry.append("ChecksumAlgorithm", .strings([checksum.algorithm.rawValue]))
                        entry.append("ChecksumType", .string(checksum.type.rawValue))
                    }
                    entry.append("Size", .integer(object.size))
                    entry.append("StorageClass", .string(ObjectFacts(stored: object.facts).storageClass))
                    if withOwner { entry.append("Owner", owner) }
                    return .structure(entry)
                })
        }
        if !page.prefixes.isEmpty {
            output["CommonPrefixes"] = .list(page.prefixes.map { .structure(["Prefix": encoding.text($0.text)]) })
        }
        return output
    }
}

extension ObjectListing.Position {
    /// The position as a token for the next page of a bucket.
    func token(bucket: String) -> String {
        switch self {
        case .after(let key): token(0, key, bucket)
        case .afterPrefix(let key): token(1, key, bucket)
        }
    }

    private func token(_ kind: Int64, _ key: ObjectKey, _ bucket: String) -> String {
        PageToken(
            operation: "ListObjectsV2", scope: bucket, position: .array([.integer(kind), .text(HexText.text(key.bytes))])
        ).text
    }

    /// The position of a token; nil when it is none of this bucket.
    init?(token: String, bucket: String) {
        guard let parts = (try? PageToken.position(in: token, operation: "ListObjectsV2", scope: bucket))?.array, parts.count == 2,
            let bytes = parts[1].text.flatMap(HexText.bytes)
        else { return nil }
        self = parts[0].integer == 1 ? .afterPrefix(ObjectKey(bytes: bytes)) : .after(ObjectKey(bytes: bytes))
    }
}

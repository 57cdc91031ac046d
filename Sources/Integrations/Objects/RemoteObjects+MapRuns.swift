import AWSProtocols
package import Engine
import Services

/// The objects of Map Runs in a real S3.
extension RemoteObjects: ObjectStore {
    package func read(
        _ object: ObjectName, from offset: Int64, length: Int, tag: String?
    ) async throws(ObjectStoreError) -> ObjectPiece {
        var input = RemoteObjects.input(object)
        input["Range"] = .string("bytes=\(offset)-\(offset + Int64(length) - 1)")
        input["IfMatch"] = .optional(tag)
        do {
            let answer = try await call(operation("GetObject"), input, BufferedInputBody([]), account: object.account)
            let bytes = SmallBytes()
            try await answer.body?.write { bytes.append($0) }
            return ObjectPiece(bytes: bytes.all, tag: answer.output.string("ETag") ?? tag ?? "")
        } catch let error as APIError where error.code == "InvalidRange" {
            return ObjectPiece(bytes: [], tag: tag ?? "")
        } catch {
            throw RemoteObjects.failure(error, object.bucket, object.key)
        }
    }

    package func list(
        _ bucket: String, account: String, prefix: String, after key: String?, limit: Int
    ) async throws(ObjectStoreError) -> [ListedObject] {
        let input: APIStructure = [
            "Bucket": .string(bucket), "Prefix": .string(prefix), "StartAfter": .optional(key), "MaxKeys": .integer(Int64(limit)),
        ]
        do {
            let answer = try await call(operation("ListObjectsV2"), input, BufferedInputBody([]), account: account)
            return answer.output.structures("Contents").map { entry in
                ListedObject(
                    key: entry.string("Key") ?? "", tag: entry.string("ETag") ?? "", size: entry.integer("Size") ?? 0,
                    modifiedAt: (entry.timestamp("LastModified") ?? 0) / 1_000, storageClass: entry.string("StorageClass") ?? "STANDARD")
            }
        } catch {
            throw RemoteObjects.failure(error, bucket, prefix)
        }
    }

    package func put(_ object: ObjectName, contents: [UInt8], contentType: String) async throws(ObjectStoreError) {
        var input = RemoteObjects.input(object)
        input["ContentType"] = .string(contentType)
        do {
            _ = try await call(operation("PutObject"), input, BufferedInputBody(contents), account: object.account)
        } catch {
            throw RemoteObjects.failure(error, object.bucket, object.key)
        }
    }

    private static func input(_ object: ObjectName) -> APIStructure {
        ["Bucket": .string(object.bucket), "Key": .string(object.key)]
    }

    private static func failure(_ error: any Error, _ bucket: String, _ key: String) -> ObjectStoreError {
        guard let error = error as? APIError else { return .failed("The object store cannot be reached.") }
        switch error.code {
        case "NoSuchBucket": return .noSuchBucket(bucket)
        case "NoSuchKey": return .noSuchKey(key)
        case "PreconditionFailed": return .changed
        default: return .failed(error.message.isEmpty ? error.code : error.message)
        }
    }
}

import AWSProtocols
import ByteCoding
import ObjectStorage

/// What a client says of the bytes that it sends: their MD5, and one checksum, which may only come behind them.
struct ClaimedDigests: Sendable {
    private let md5: [UInt8]?
    private let claimed: ObjectChecksum?
    /// The algorithm that a trailer will tell the checksum of.
    private let announced: ChecksumAlgorithm?
    /// The algorithm of the checksum that the client wants kept; nil when it names none.
    let algorithm: ChecksumAlgorithm?

    /// Algorithms of S3 that Nightshift has not.
    private static let absent = ["SHA512", "MD5", "XXHASH64", "XXHASH3", "XXHASH128"]

    /// The claims of a request whose body is about to come.
    init(_ input: APIStructure, trailers: [String]) throws(APIError) {
        if let text = input.string("ContentMD5") {
            guard let value = Base64.decode(text.utf8), value.count == 16 else {
                throw APIError(
                    "InvalidDigest", "The Content-MD5 you specified was invalid.", fields: ["Content-MD5": .string(text)],
                    httpStatus: 400)
            }
            md5 = value
        } else {
            md5 = nil
        }
        claimed = try ClaimedDigests.checksum(in: input)
        let names = trailers.filter { $0.hasPrefix("x-amz-checksum-") }
        announced = names.first.flatMap { ChecksumAlgorithm(rawValue: $0.dropFirst(15).uppercased()) }
        if announced == nil, let name = names.first { throw S3Error.notImplemented(header: name) }
        guard names.count + (claimed == nil ? 0 : 1) <= 1 else { throw ClaimedDigests.several }
        let named = try ClaimedDigests.named(input)
        algorithm = claimed?.algorithm ?? announced ?? named
    }

    /// The checksum among the members of a structure; nil when there is none.
    static func checksum(in input: APIStructure) throws(APIError) -> ObjectChecksum? {
        for name in absent where input.contains("Checksum\(name)") {
            throw S3Error.notImplemented(header: "x-amz-checksum-\(name.lowercased())")
        }
        let given = ChecksumAlgorithm.allCases.filter { input.contains("Checksum\($0.rawValue)") }
        guard given.count <= 1 else { throw several }
        guard let algorithm = given.first, let text = input.string("Checksum\(algorithm.rawValue)") else { return nil }
        // That of a whole made of parts has their number behind it.
        let parts = text.split(separator: "-", maxSplits: 1).map(String.init)
        guard let value = ObjectChecksum.value(parts.first ?? "", of: algorithm) else {
            throw S3Error.invalidRequest("Value for x-amz-checksum-\(algorithm.rawValue.lowercased()) header is invalid.")
        }
        return ObjectChecksum(
            algorithm, parts.count > 1 ? .composite : .fullObject, value: value, parts: parts.count > 1 ? Int(parts[1]) : nil)
    }

    /// The algorithm that `ChecksumAlgorithm` names; nil without it.
    static func named(_ input: APIStructure) throws(APIError) -> ChecksumAlgorithm? {
        guard let name = input.string("ChecksumAlgorithm") else { return nil }
        guard let algorithm = ChecksumAlgorithm(rawValue: name) else {
            if absent.contains(name) { throw S3Error.notImplemented(header: "x-amz-checksum-algorithm") }
            throw S3Error.invalidRequest(
                "Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]"
            )
        }
        return algorithm
    }

    /// Compares the claims with what came.
    func check(_ file: WrittenFile, trailers: [String: String]) throws(APIError) {
        if let md5, md5 != file.md5 { throw S3Error.badContentMD5(md5, file.md5) }
        if let claimed, file.checksum(claimed.algorithm)?.value != claimed.value { throw S3Error.badDigest(claimed.algorithm.rawValue) }
        guard let announced else { return }
        let name = "x-amz-checksum-\(announced.rawValue.lowercased())"
        guard let text = trailers[name] else {
            throw APIError(
                "MalformedTrailerError",
                "The request contained trailing data that was not well-formed or did not conform to our published schema.",
                httpStatus: 400)
        }
        guard let value = ObjectChecksum.value(text, of: announced) else {
            throw S3Error.invalidRequest("Value for \(name) trailing header is invalid.")
        }
        guard file.checksum(announced)?.value == value else { throw S3Error.badDigest(announced.rawValue) }
    }

    private static let several = S3Error.invalidRequest(
        "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.")
}

extension ObjectChecksum {
    /// Adds the checksum to an answer.
    func describe(in output: inout APIStructure, withType: Bool = true) {
        output["Checksum\(algorithm.rawValue)"] = .string(text)
        if withType { output["ChecksumType"] = .string(type.rawValue) }
    }
}

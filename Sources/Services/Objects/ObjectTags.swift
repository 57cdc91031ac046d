import AWSProtocols
import JSONCore

/// The tags of an object or bucket (S3 User Guide, "Categorizing your objects using tags").
struct ObjectTags: Sendable, Equatable {
    /// The tags, in the order in which they came.
    let tags: [(key: String, value: String)]

    /// Whether both are the same.
    static func == (left: ObjectTags, right: ObjectTags) -> Bool { left.encoded == right.encoded }

    /// How many tags an object may have.
    static let objectLimit = 10
    /// How many tags a bucket may have.
    static let bucketLimit = 50

    /// The tags of a `TagSet`.
    init(set: [APIStructure], limit: Int) throws(APIError) {
        try self.init(set.map { ($0.string("Key") ?? "", $0.string("Value") ?? "") }, limit: limit)
    }

    /// The tags of the header `x-amz-tagging`: as the parameters of a URL.
    init(header: String) throws(APIError) {
        // What could be no tags at all is a fault of the header.
        guard let pairs = FormDecoder.pairs(header), Set(pairs.map { Array($0.0.utf8) }).count == pairs.count,
            pairs.allSatisfy({ ObjectTags.isText($0.0) && ObjectTags.isText($0.1) })
        else {
            throw S3Error.invalidArgument(
                "x-amz-tagging", header,
                "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.")
        }
        try self.init(pairs, limit: ObjectTags.objectLimit)
    }

    private init(_ pairs: [(String, String)], limit: Int) throws(APIError) {
        guard pairs.count <= limit else {
            let what = limit == ObjectTags.objectLimit ? "Object" : "Bucket"
            throw APIError("BadRequest", "\(what) tags cannot be greater than \(limit)", httpStatus: 400)
        }
        var keys: Set<[UInt8]> = []
        for (key, value) in pairs {
            guard (1...128).contains(key.utf16.count), ObjectTags.isText(key) else {
                throw ObjectTags.invalid("The TagKey you have provided is invalid", "TagKey", key)
            }
            guard value.utf16.count <= 256, ObjectTags.isText(value) else {
                var refusal = ObjectTags.invalid("The TagValue you have provided is invalid", "TagKey", key)
                refusal.fields["TagValue"] = .string(value)
                throw refusal
            }
            guard !key.hasPrefix("aws:") else {
                let isBucket = limit == ObjectTags.bucketLimit
                throw ObjectTags.invalid(
                    isBucket ? "System tags cannot be added/updated by requester" : "Your TagKey cannot be prefixed with aws:", "TagKey",
                    key)
            }
            guard keys.insert(Array(key.utf8)).inserted else {
                throw ObjectTags.invalid("Cannot provide multiple Tags with the same key", "TagKey", key)
            }
        }
        tags = pairs.map { ($0.0, $0.1) }
    }

    /// Reads stored tags.
    init(stored: [UInt8]?) {
        let object = stored.flatMap { try? JSONParser.parse($0) }?.object
        tags = object?.members.map { ($0.key.text, $0.value.text ?? "") } ?? []
    }

    /// The tags for a column; nil for none.
    var encoded: [UInt8]? {
        tags.isEmpty ? nil : JSONWriter.bytes(of: .object(JSONObject(tags.map { (JSONString($0.key), .text($0.value)) })))
    }

    /// The tags as a `TagSet`.
    var set: APIValue {
        .list(tags.map { .structure(["Key": .string($0.key), "Value": .string($0.value)]) })
    }

    /// Letters, numbers, spaces and a few signs, which keys and values may have ("Tag naming and usage conventions").
    private static func isText(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy { scalar in
            switch scalar.properties.generalCategory {
            case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber, .letterNumber,
                .otherNumber, .spaceSeparator, .lineSeparator, .paragraphSeparator:
                true
            default: "_.:/=+-@".unicodeScalars.contains(scalar)
            }
        }
    }

    private static func invalid(_ message: String, _ name: String, _ value: String) -> APIError {
        APIError("InvalidTag", message, fields: [name: .string(value)], httpStatus: 400)
    }
}

/// The intrinsic functions of the States Language, by their names after `States.`.
///
/// Source: AWS Step Functions Developer Guide, "Intrinsic functions for JSONPath states".
package enum IntrinsicFunction: String, Sendable, Hashable, CaseIterable {
    case format = "Format"
    case stringToJSON = "StringToJson"
    case jsonToString = "JsonToString"
    case array = "Array"
    case arrayPartition = "ArrayPartition"
    case arrayContains = "ArrayContains"
    case arrayRange = "ArrayRange"
    case arrayGetItem = "ArrayGetItem"
    case arrayLength = "ArrayLength"
    case arrayUnique = "ArrayUnique"
    case base64Encode = "Base64Encode"
    case base64Decode = "Base64Decode"
    case hash = "Hash"
    case jsonMerge = "JsonMerge"
    case mathRandom = "MathRandom"
    case mathAdd = "MathAdd"
    case stringSplit = "StringSplit"
    case uuid = "UUID"

    /// The name as definitions write it, such as `States.Format`.
    package var name: String { "States." + rawValue }

    /// How many arguments the function takes. AWS accepts a definition with another number and fails when it runs.
    package var argumentCounts: ClosedRange<Int> {
        switch self {
        case .uuid: 0...0
        case .stringToJSON, .jsonToString, .arrayLength, .arrayUnique, .base64Encode, .base64Decode: 1...1
        case .arrayPartition, .arrayContains, .arrayGetItem, .hash, .mathAdd, .stringSplit: 2...2
        case .mathRandom: 2...3
        case .arrayRange, .jsonMerge: 3...3
        case .format: 1...Int.max
        case .array: 0...Int.max
        }
    }
}

import JSONCore

/// The functions that may end a path.
///
/// Source: Jayway JsonPath README, "Functions".
enum PathFunction: String, Sendable, CaseIterable {
    case length, size, keys, min, max, avg, stddev, sum, concat, append, first, last, index

    /// The function's result on what the path led to.
    func result(on value: JSONValue, arguments: [JSONValue]) throws(PathFailure) -> JSONValue {
        switch self {
        case .length, .size: return length(of: value)
        case .keys: return value.object.map { .array($0.keys.map(JSONValue.string)) } ?? .null
        case .min, .max, .avg, .stddev, .sum: return try aggregate(numbers(in: value) + arguments.flatMap(numbers))
        case .concat: return .string(JSONString(unchecked: texts(in: value) + arguments.flatMap(texts)))
        case .append: return value.array.map { .array($0 + arguments) } ?? value
        case .first: return try element(0, of: value)
        case .last: return try element(-1, of: value)
        case .index: return try element(Int(clamping: arguments.first?.integer ?? 0), of: value)
        }
    }

    /// How many elements or members; null for anything else.
    private func length(of value: JSONValue) -> JSONValue {
        switch value {
        case .array(let elements): .integer(elements.count)
        case .object(let object): .integer(object.count)
        default: .null
        }
    }

    private func numbers(in value: JSONValue) -> [Double] {
        switch value {
        case .array(let elements): elements.compactMap { $0.number?.double }
        case .number(let number): [number.double]
        default: []
        }
    }

    private func texts(in value: JSONValue) -> [UInt8] {
        switch value {
        case .array(let elements): elements.flatMap { $0.string?.bytes ?? [] }
        case .string(let text): text.bytes
        default: []
        }
    }

    /// Results are doubles and print as Java prints them, `6.0`.
    private func aggregate(_ numbers: [Double]) throws(PathFailure) -> JSONValue {
        guard let first = numbers.first else {
            throw .function("Aggregation function attempted to calculate value using empty array")
        }
        let count = Double(numbers.count)
        let sum = numbers.reduce(0, +)
        let result: Double
        switch self {
        case .min: result = numbers.reduce(first, Swift.min)
        case .max: result = numbers.reduce(first, Swift.max)
        case .avg: result = sum / count
        case .stddev:
            let squares = numbers.reduce(0) { $0 + $1 * $1 }
            result = Swift.max(0, squares / count - sum * sum / count / count).squareRoot()
        default: result = sum
        }
        guard let number = JSONNumber(literal: JavaText.double(result)) else {
            throw .function("The result of \(rawValue)() is no finite number")
        }
        return .number(number)
    }

    private func element(_ index: Int, of value: JSONValue) throws(PathFailure) -> JSONValue {
        guard let elements = value.array else { throw .function("\(rawValue)() can only be applied to arrays") }
        let position = index < 0 ? elements.count &+ index : index
        guard position >= 0, position < elements.count else { throw .function("\(rawValue)() found no such element") }
        return elements[position]
    }
}

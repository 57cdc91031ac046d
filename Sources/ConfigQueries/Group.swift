import JSONCore

/// What an aggregation counts of the items with one value.
struct Group: Sendable {
    /// The values of one property so far.
    private struct Tally: Sendable {
        var count: Int64 = 0
        var numbers: Int64 = 0
        var sum = 0.0
        var smallest: JSONValue?
        var largest: JSONValue?

        mutating func add(_ value: JSONValue) {
            count += 1
            if let number = value.number?.double ?? value.text.flatMap(Double.init), number.isFinite {
                numbers += 1
                sum += number
            }
            let order = ValueOrder(value)
            if smallest.map({ order < ValueOrder($0) }) ?? true { smallest = value }
            if largest.map({ ValueOrder($0) < order }) ?? true { largest = value }
        }
    }

    private let query: Query
    private var items: Int64 = 0
    private var tallies: [PropertyPath: Tally] = [:]

    init(_ query: Query) {
        self.query = query
        for field in query.fields + query.order.map(\.field) {
            if case .aggregate(let aggregate) = field, let property = aggregate.property { tallies[property] = Tally() }
        }
    }

    mutating func add(_ item: JSONValue) {
        items += 1
        for property in tallies.keys {
            for value in property.values(in: item) { tallies[property]?.add(value) }
        }
    }

    /// What is shown of the group of a value; nil without GROUP BY.
    func row(_ key: JSONValue?) -> JSONValue {
        var row = JSONObject()
        for field in query.fields {
            guard let value = value(of: field, key: key) else { continue }
            switch field {
            case .property(let path):
                let nested = path.names.dropFirst().reversed().reduce(value) { .object(JSONObject([(JSONString($1), $0)])) }
                row.merge(JSONObject([(JSONString(path.names[0]), nested)]))
            default: row[JSONString(field.name)] = value
            }
        }
        return .object(row)
    }

    /// The value of a field in the group of a value.
    func value(of field: Query.Field, key: JSONValue?) -> JSONValue? {
        guard case .aggregate(let aggregate) = field else { return key }
        guard let property = aggregate.property else { return .integer(items) }
        guard let tally = tallies[property] else { return nil }
        return switch aggregate.function {
        case .count: .integer(tally.count)
        case .minimum: tally.smallest
        case .maximum: tally.largest
        case .sum: Group.json(tally.sum)
        case .average: tally.numbers == 0 ? nil : Group.json(tally.sum / Double(tally.numbers))
        }
    }

    private static func json(_ number: Double) -> JSONValue? {
        if let whole = Int64(exactly: number) { return .integer(whole) }
        return JSONNumber(number).map(JSONValue.number)
    }
}

package import JSONCore

/// What a query finds in one configuration item.
extension Query {
    /// The properties that `*` shows: those of the item itself that are single values (Developer Guide, "Query components").
    package static let commonProperties = [
        "accountId", "arn", "availabilityZone", "awsRegion", "configurationItemCaptureTime", "resourceCreationTime", "resourceId",
        "resourceName", "resourceType", "version",
    ]

    /// Whether an item is asked for.
    package func matches(_ item: JSONValue) -> Bool {
        condition?.holds(item) ?? true
    }

    /// What is shown of an item: its own structure, of which only the selected properties are left. What the item does not have is absent.
    package func shown(_ item: JSONValue) -> JSONValue {
        var shown = JSONObject()
        for field in fields {
            switch field {
            case .all:
                for name in Query.commonProperties {
                    if let value = item[name] { shown[JSONString(name)] = value }
                }
            case .property(let path):
                if let part = path.part(of: item)?.object { shown.merge(part) }
            // An aggregation shows groups, not items.
            case .aggregate: break
            }
        }
        return .object(shown)
    }
}

extension Condition {
    /// Whether an item meets it. A property with many values meets a comparison when one of them does.
    func holds(_ item: JSONValue) -> Bool {
        switch self {
        case .and(let left, let right): left.holds(item) && right.holds(item)
        case .or(let left, let right): left.holds(item) || right.holds(item)
        case .not(let condition): !condition.holds(item)
        // Not equal is the opposite of equal, for many values and for none too.
        case .compare(let path, .notEqual, let literal): !path.values(in: item).contains { literal.holds(.equal, $0) }
        case .compare(let path, let comparison, let literal): path.values(in: item).contains { literal.holds(comparison, $0) }
        case .among(let path, let literals):
            path.values(in: item).contains { value in literals.contains { $0.holds(.equal, value) } }
        case .between(let path, let first, let last): path.values(in: item).contains { Condition.isBetween($0, first, last) }
        case .like(let path, let pattern): path.values(in: item).contains { $0.text.map(pattern.matches) ?? false }
        }
    }

    private static func isBetween(_ value: JSONValue, _ first: Literal, _ last: Literal) -> Bool {
        if case .text(_, let low?) = first, case .text(_, let high?) = last, let found = value.text.flatMap(AddressRange.init) {
            return found.isBetween(low, high)
        }
        return first.holds(.greaterOrEqual, value) && last.holds(.lessOrEqual, value)
    }
}

extension PropertyPath {
    /// The values of the property in an item: none, one, or those of all elements of the arrays on the way.
    ///
    /// A name that an object does not have is looked for in all the objects that it holds, when it holds nothing else: inventory keeps
    /// its entries by name, so that `Content.curl.Version` is one entry's and `Content.Name` that of all.
    package func values(in item: JSONValue) -> [JSONValue] {
        var found: [JSONValue] = []
        collect(names[...], in: item, into: &found)
        return found
    }

    private func collect(_ names: ArraySlice<String>, in value: JSONValue, into found: inout [JSONValue]) {
        if let elements = value.array {
            for element in elements { collect(names, in: element, into: &found) }
            return
        }
        guard let name = names.first else {
            if !value.isNull { found.append(value) }
            return
        }
        guard let object = value.object else { return }
        if let member = object[JSONString(name)] {
            collect(names.dropFirst(), in: member, into: &found)
        } else if PropertyPath.isCollection(object) {
            for member in object.members { collect(names, in: member.value, into: &found) }
        }
    }

    /// The item with nothing but this property; nil when it has none.
    func part(of item: JSONValue) -> JSONValue? { part(names[...], of: item) }

    private func part(_ names: ArraySlice<String>, of value: JSONValue) -> JSONValue? {
        guard let name = names.first else { return value }
        if let elements = value.array {
            let parts = elements.compactMap { part(names, of: $0) }
            return parts.isEmpty ? nil : .array(parts)
        }
        guard let object = value.object else { return nil }
        if let member = object[JSONString(name)] {
            guard let inner = part(names.dropFirst(), of: member) else { return nil }
            return .object(JSONObject([(JSONString(name), inner)]))
        }
        guard PropertyPath.isCollection(object) else { return nil }
        let parts = object.members.compactMap { member in part(names, of: member.value).map { (member.key, $0) } }
        return parts.isEmpty ? nil : .object(JSONObject(parts))
    }

    private static func isCollection(_ object: JSONObject) -> Bool {
        !object.members.isEmpty && object.members.allSatisfy { $0.value.object != nil }
    }
}

extension JSONObject {
    /// Adds what another part of the same item shows.
    mutating func merge(_ other: JSONObject) {
        for member in other.members {
            guard let present = self[member.key] else {
                self[member.key] = member.value
                continue
            }
            self[member.key] = JSONObject.merged(present, member.value)
        }
    }

    private static func merged(_ left: JSONValue, _ right: JSONValue) -> JSONValue {
        if case .object(var object) = left, let other = right.object {
            object.merge(other)
            return .object(object)
        }
        if let left = left.array, let right = right.array, left.count == right.count {
            return .array(zip(left, right).map(merged))
        }
        return right
    }
}

import AWSProtocols

extension ParameterFilter {
    /// Reads DescribeParameters' filters, of the old form or the new one.
    static func describing(_ input: APIStructure) throws(APIError) -> [ParameterFilter] {
        let old = input.structures("Filters")
        let new = input.structures("ParameterFilters")
        guard old.isEmpty || new.isEmpty else {
            throw .validation("You can use either Filters or ParameterFilters in a single request.")
        }
        guard old.isEmpty else {
            return old.map { filter in
                let key: Key =
                    switch filter.string("Key") {
                    case "Type": .type
                    case "KeyId": .keyID
                    default: .name
                    }
                return ParameterFilter(
                    key: key, comparison: key == .name ? .beginsWith : .equals, values: filter.strings("Values"))
            }
        }
        return try parse(new, valid: ["Path", "Name", "Type", "KeyId", "Tier", "DataType"], takesTags: true)
    }

    /// Reads GetParametersByPath's filters.
    static func byPath(_ input: APIStructure) throws(APIError) -> [ParameterFilter] {
        try parse(input.structures("ParameterFilters"), valid: ["Type", "KeyId", "Label"], takesTags: false)
    }

    private static func parse(
        _ filters: [APIStructure], valid: [String], takesTags: Bool
    ) throws(APIError) -> [ParameterFilter] {
        var seen: Set<String> = []
        var parsed: [ParameterFilter] = []
        for filter in filters {
            let name = filter.string("Key") ?? ""
            let isTag = name.hasPrefix("tag:")
            guard valid.contains(name) || (isTag && takesTags) else {
                throw APIError(
                    "InvalidFilterKey",
                    "The following filter key is not valid: \(name). Valid filter keys include: [\(valid.joined(separator: ", "))].")
            }
            let values = filter.strings("Values")
            guard !values.isEmpty || isTag else {
                throw APIError("InvalidFilterValue", "The following filter values are missing : null for filter key \(name).")
            }
            guard seen.insert(name).inserted else {
                throw APIError(
                    "InvalidFilterKey",
                    "The following filter is duplicated in the request: \(name). A request can contain only one occurrence of a specific filter.")
            }
            parsed.append(try parse(name, option: filter.string("Option"), values: values))
        }
        return parsed
    }

    private static func parse(_ name: String, option: String?, values: [String]) throws(APIError) -> ParameterFilter {
        if name == "Path" {
            let recursive = try choose(option ?? "OneLevel", of: ["Recursive", "OneLevel"]) == "Recursive"
            for value in values { _ = try ParameterName.scope(ofPath: value, recursive: recursive) }
            return ParameterFilter(key: .path(recursive: recursive), comparison: .equals, values: values)
        }
        let key: Key
        switch name {
        case "Name": key = .name
        case "Type":
            try check(values, of: ["String", "StringList", "SecureString"])
            key = .type
        case "KeyId": key = .keyID
        case "Tier":
            try check(values, of: ["Standard", "Advanced", "Intelligent-Tiering"])
            key = .tier
        case "DataType": key = .dataType
        case "Label": key = .label
        default: key = .tag(String(name.dropFirst("tag:".utf8.count)))
        }
        let options =
            switch key {
            case .name: ["BeginsWith", "Equals", "Contains"]
            case .label: ["Equals"]
            default: ["BeginsWith", "Equals"]
            }
        let comparison: Comparison =
            switch try choose(option ?? "Equals", of: options) {
            case "BeginsWith": .beginsWith
            case "Contains": .contains
            default: .equals
            }
        return ParameterFilter(key: key, comparison: comparison, values: values)
    }

    private static func choose(_ option: String, of valid: [String]) throws(APIError) -> String {
        guard valid.contains(option) else {
            throw APIError(
                "InvalidFilterOption",
                "The following filter option is not valid: \(option). Valid options include: [\(valid.joined(separator: ", "))].")
        }
        return option
    }

    private static func check(_ values: [String], of valid: [String]) throws(APIError) {
        for value in values where !valid.contains(value) {
            throw APIError(
                "InvalidFilterOption",
                "The following filter value is not valid: \(value). Valid values include: [\(valid.joined(separator: ", "))].")
        }
    }
}

/// Finds the operation of a REST service by method and path.
///
/// Where two templates match (`/functions/{FunctionName}` and `/functions/list`), the one with the earlier literal wins.
package struct RESTRoutes: Sendable {
    private enum Segment: Sendable, Equatable {
        case literal(String)
        case label(String)
        /// `{Key+}`: all that remains.
        case greedyLabel(String)
    }

    private struct Route: Sendable {
        let method: String
        let segments: [Segment]
        let operation: String
    }

    /// The routes by the number of their segments; those with a greedy label, which take any number from there on, under nil.
    private let routes: [Int?: [Route]]

    /// The routes of these operations.
    package init(_ operations: [OperationModel]) {
        let all = operations.map { operation in
            let path = operation.path.prefix { $0 != "?" }
            return Route(
                method: operation.method, segments: RESTRoutes.split(path).map { RESTRoutes.segment(String($0)) },
                operation: operation.name)
        }.sorted { left, right in
            // Literals before labels, then by name so that the order never depends on a dictionary's.
            let leftRank = RESTRoutes.rank(left.segments)
            let rightRank = RESTRoutes.rank(right.segments)
            return leftRank == rightRank ? left.operation < right.operation : leftRank < rightRank
        }
        routes = Dictionary(grouping: all) { route in
            if case .greedyLabel = route.segments.last { nil } else { route.segments.count }
        }
    }

    /// The operation and the values of the path's labels, percent-decoded; nil when no template matches.
    /// - Parameter path: as the client sent it, percent-encoded, without the query.
    package func match(method: String, path: String) -> (operation: String, labels: [(String, String)])? {
        let parts = RESTRoutes.split(path[...])
        for route in candidates(parts) where route.method == method {
            if let labels = RESTRoutes.match(route.segments, parts) { return (route.operation, labels) }
        }
        return nil
    }

    /// Whether some operation has this path under another method.
    package func knows(path: String) -> Bool {
        let parts = RESTRoutes.split(path[...])
        return candidates(parts).contains { RESTRoutes.match($0.segments, parts) != nil }
    }

    private func candidates(_ parts: [Substring]) -> [Route] {
        guard let greedy = routes[nil] else { return routes[parts.count] ?? [] }
        return (routes[parts.count] ?? []) + greedy
    }

    private static func match(_ segments: [Segment], _ parts: [Substring]) -> [(String, String)]? {
        var labels: [(String, String)] = []
        var index = 0
        for segment in segments {
            guard index < parts.count else { return nil }
            switch segment {
            case .literal(let text):
                guard parts[index] == text else { return nil }
            case .label(let name):
                guard !parts[index].isEmpty, let value = PercentEncoding.decode(parts[index]) else { return nil }
                labels.append((name, value))
            case .greedyLabel(let name):
                guard let value = PercentEncoding.decode(parts[index...].joined(separator: "/")) else { return nil }
                labels.append((name, value))
                return labels
            }
            index += 1
        }
        return index == parts.count ? labels : nil
    }

    /// The parts between slashes; a slash at the end does not count, as some of Lambda's templates have one and others not.
    private static func split(_ path: Substring) -> [Substring] {
        var parts = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        if parts.last?.isEmpty == true { parts.removeLast() }
        return Array(parts)
    }

    private static func segment(_ text: String) -> Segment {
        guard text.hasPrefix("{"), text.hasSuffix("}") else { return .literal(text) }
        let name = text.dropFirst().dropLast()
        return name.hasSuffix("+") ? .greedyLabel(String(name.dropLast())) : .label(String(name))
    }

    private static func rank(_ segments: [Segment]) -> String {
        segments.map { segment in
            switch segment {
            case .literal: "0"
            case .label: "1"
            case .greedyLabel: "2"
            }
        }.joined()
    }
}

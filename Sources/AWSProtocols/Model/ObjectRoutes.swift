/// Finds the operation of an S3 request by its method, by what it addresses, and by the parameters of its query.
///
/// S3's operations share three paths; `?acl`, `?uploads` or a copy source tell them apart. The operation with the most of such marks
/// in the request wins, so that parameters that mean nothing to S3 are ignored, as it ignores them.
package struct ObjectRoutes: Sendable {
    /// What a path addresses.
    package enum Subject: Sendable, Hashable {
        /// `/`: the service.
        case service
        /// A bucket.
        case bucket
        /// An object.
        case object
    }

    private struct Slot: Hashable {
        let method: String
        let subject: Subject
    }

    private struct Route: Sendable {
        let operation: String
        /// The query's parameters, with the value that they must have, if they must have one.
        let parameters: [(name: String, value: String?)]
        /// Whether it is told by its `x-amz-copy-source`.
        let isCopy: Bool
        let isShapeless: Bool

        var rank: Int { parameters.count + (isCopy ? 1 : 0) }
    }

    private static let copySource = "x-amz-copy-source"

    private let routes: [Slot: [Route]]

    /// The routes of these operations.
    init(_ operations: [OperationModel], shapes: [Shape]) {
        var routes: [Slot: [Route]] = [:]
        for operation in operations {
            let parts = operation.path.split(separator: "?", maxSplits: 1)
            let subject: Subject = parts[0] == "/{Bucket}/{Key+}" ? .object : parts[0] == "/{Bucket}" ? .bucket : .service
            // Operations at other paths have endpoints of their own, which this server does not have.
            guard subject != .service || parts[0] == "/" else { continue }
            var parameters: [(name: String, value: String?)] = (parts.count > 1 ? parts[1].split(separator: "&") : []).map { field in
                let pair = field.split(separator: "=", maxSplits: 1)
                return (String(pair[0]), pair.count > 1 ? String(pair[1]) : nil)
            }
            let members = operation.input.flatMap { shapes[$0].layout }?.members ?? []
            for member in members where member.isRequired && member.location == .querystring {
                parameters.append((member.wireName, nil))
            }
            routes[Slot(method: operation.method, subject: subject), default: []].append(
                Route(
                    operation: operation.name, parameters: parameters,
                    isCopy: members.contains { $0.isRequired && $0.wireName == ObjectRoutes.copySource },
                    isShapeless: operation.isShapeless))
        }
        // The first that fits is taken: the most marks, then those that are served, then by name, so that the order is always the same.
        self.routes = routes.mapValues { routes in
            routes.sorted { left, right in
                if left.rank != right.rank { return left.rank > right.rank }
                if left.isShapeless != right.isShapeless { return right.isShapeless }
                return left.operation < right.operation
            }
        }
    }

    /// The operation of a request; nil when S3 has none of this method there.
    /// - Parameter query: the names and values of the query's parameters, decoded.
    package func match(
        method: String, _ subject: Subject, query: [(String, String)], hasHeader: (_ lowercaseName: String) -> Bool
    ) -> String? {
        routes[Slot(method: method, subject: subject)]?.first { route in
            if route.isCopy, !hasHeader(ObjectRoutes.copySource) { return false }
            return route.parameters.allSatisfy { parameter in
                query.contains { $0.0 == parameter.name && (parameter.value == nil || parameter.value == $0.1) }
            }
        }?.operation
    }
}

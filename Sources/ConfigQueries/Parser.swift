/// Reads tokens as a query. Each mistake is reported at the token that cannot stand where it stands.
struct Parser {
    /// Keywords that SQL has and this language has not, and its own: none of them is the name of a property.
    private static let reserved: Set<String> = [
        "SELECT", "WHERE", "GROUP", "ORDER", "BY", "AND", "OR", "NOT", "IN", "BETWEEN", "LIKE", "ASC", "DESC", "TRUE", "FALSE", "NULL",
        "IS", "ALL", "AS", "DISTINCT", "FROM", "HAVING", "JOIN", "UNION",
    ]
    /// Nested parentheses and NOTs.
    private static let depthLimit = 100

    private let tokens: [Token]
    private var position = 0
    private var depth = 0

    init(_ tokens: [Token]) {
        self.tokens = tokens
    }

    mutating func query() throws(QueryError) -> Query {
        try expect("SELECT")
        let start = next.place
        var fields = [try field(orAll: true)]
        while fields != [.all], take(.comma) { fields.append(try field(orAll: false)) }
        let condition = try take("WHERE") ? disjunction() : nil
        var grouping: PropertyPath?
        if take("GROUP") {
            try expect("BY")
            grouping = try property()
        }
        var order: [Query.Order] = []
        if take("ORDER") {
            try expect("BY")
            repeat { order.append(try orderPart()) } while take(.comma)
        }
        guard next.kind == .end else { throw QueryError(at: next.place) }
        let query = Query(fields: fields, condition: condition, grouping: grouping, order: order)
        try check(query, at: start)
        return query
    }

    /// In groups only what is the same for all items of a group can be shown or ordered by.
    private func check(_ query: Query, at place: QueryError.Place) throws(QueryError) {
        guard query.isAggregation else {
            for part in query.order {
                if case .aggregate = part.field { throw QueryError("aggregate function without GROUP BY in ORDER BY", at: place) }
            }
            return
        }
        for field in query.fields + query.order.map(\.field) {
            switch field {
            case .aggregate: break
            case .all: throw QueryError("* cannot be selected with GROUP BY or an aggregate function", at: place)
            case .property(let path):
                guard path == query.grouping else { throw QueryError("property \(path.text) is not in GROUP BY", at: place) }
            }
        }
    }

    private mutating func orderPart() throws(QueryError) -> Query.Order {
        let field = try field(orAll: false)
        if take("DESC") { return Query.Order(field: field, isDescending: true) }
        _ = take("ASC")
        return Query.Order(field: field, isDescending: false)
    }

    private mutating func field(orAll allowsAll: Bool) throws(QueryError) -> Query.Field {
        if allowsAll, take(.star) { return .all }
        guard let word = next.keyword, let function = Aggregate.Function(rawValue: word), tokens[position + 1].kind == .opening else {
            return .property(try property())
        }
        position += 2
        let property = try function == .count && take(.star) ? nil : property()
        guard take(.closing) else { throw QueryError(at: next.place) }
        return .aggregate(Aggregate(function: function, property: property))
    }

    private mutating func property() throws(QueryError) -> PropertyPath {
        guard case .path(let path, _) = next.kind, !(next.keyword.map(Parser.reserved.contains) ?? false) else {
            throw QueryError(at: next.place)
        }
        position += 1
        return path
    }

    // MARK: Conditions

    private mutating func disjunction() throws(QueryError) -> Condition {
        var condition = try conjunction()
        while take("OR") { condition = .or(condition, try conjunction()) }
        return condition
    }

    private mutating func conjunction() throws(QueryError) -> Condition {
        var condition = try negation()
        while take("AND") { condition = .and(condition, try negation()) }
        return condition
    }

    private mutating func negation() throws(QueryError) -> Condition {
        guard depth < Parser.depthLimit else { throw QueryError("condition nested too deeply", at: next.place) }
        depth += 1
        defer { depth -= 1 }
        if take("NOT") { return .not(try negation()) }
        guard take(.opening) else { return try predicate() }
        let condition = try disjunction()
        guard take(.closing) else { throw QueryError(at: next.place) }
        return condition
    }

    private mutating func predicate() throws(QueryError) -> Condition {
        let property = try property()
        if case .comparison(let comparison) = next.kind {
            position += 1
            return .compare(property, comparison, try literal())
        }
        let isNegated = take("NOT")
        let condition = try keywordPredicate(property)
        return isNegated ? .not(condition) : condition
    }

    private mutating func keywordPredicate(_ property: PropertyPath) throws(QueryError) -> Condition {
        if take("BETWEEN") {
            let first = try literal()
            try expect("AND")
            return .between(property, first, try literal())
        }
        if take("LIKE") {
            guard case .string(let text) = next.kind else { throw QueryError(at: next.place) }
            position += 1
            return .like(property, LikePattern(text))
        }
        try expect("IN")
        guard take(.opening) else { throw QueryError(at: next.place) }
        var literals = [try literal()]
        while take(.comma) { literals.append(try literal()) }
        guard take(.closing) else { throw QueryError(at: next.place) }
        return .among(property, literals)
    }

    private mutating func literal() throws(QueryError) -> Literal {
        let literal: Literal?
        switch next.kind {
        case .string(let text): literal = .text(text)
        case .number(let text): literal = Double(text).map(Literal.number)
        // Double quotes hold a value here, as no property can stand here.
        case .path(let path, isQuoted: true) where path.names.count == 1: literal = .text(path.names[0])
        case .path: literal = next.keyword == "TRUE" ? .bool(true) : next.keyword == "FALSE" ? .bool(false) : nil
        default: literal = nil
        }
        guard let literal else { throw QueryError(at: next.place) }
        position += 1
        return literal
    }

    // MARK: Tokens

    /// The end stays next however often it is taken.
    private var next: Token { tokens[min(position, tokens.count - 1)] }

    private mutating func take(_ kind: Token.Kind) -> Bool {
        guard next.kind == kind else { return false }
        position += 1
        return true
    }

    private mutating func take(_ keyword: String) -> Bool {
        guard next.keyword == keyword else { return false }
        position += 1
        return true
    }

    private mutating func expect(_ keyword: String) throws(QueryError) {
        guard take(keyword) else { throw QueryError(at: next.place) }
    }
}

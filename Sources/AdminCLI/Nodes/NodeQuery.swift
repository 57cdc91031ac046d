package import JSONCore

/// The answer of a query over nodes.
package struct NodeQuery: Sendable {
    /// How the selected fields are called, as in the query.
    package let fields: [String]
    /// The rows, each with the structure of what was selected.
    package let rows: [JSONValue]

    /// An answer of these rows.
    package init(fields: [String], rows: [JSONValue]) {
        self.fields = fields
        self.rows = rows
    }

    /// Asks the server, page by page.
    static func run(_ expression: String, _ server: any APICaller) async throws -> NodeQuery {
        var call = APICall.config("SelectResourceConfig", ["Expression": .text(expression), "Limit": 100])
        var fields: [String] = []
        var rows: [JSONValue] = []
        while true {
            let page = try await server.call(call)
            fields = page["QueryInfo"]?["SelectFields"]?.array?.compactMap { $0["Name"]?.text } ?? []
            for text in page["Results"]?.array ?? [] {
                rows.append(try JSONParser.parse(Array((text.text ?? "").utf8)))
            }
            guard let token = page["NextToken"], token.text?.isEmpty == false else { return NodeQuery(fields: fields, rows: rows) }
            call.input["NextToken"] = token
        }
    }

    /// The rows as a table, a column for each field.
    package func table(_ style: OutputStyle) -> [String] {
        // `*` shows what the rows have.
        var columns: [String] = []
        for field in fields {
            guard field == "*" else {
                columns.append(field)
                continue
            }
            for row in rows {
                for name in row.object?.members.map(\.key.text) ?? [] where !columns.contains(name) { columns.append(name) }
            }
        }
        var table = TextTable(columns)
        for row in rows { table.add(columns.map { .init(NodeQuery.cell($0, of: row)) }) }
        return table.lines(style)
    }

    private static func cell(_ field: String, of row: JSONValue) -> String {
        var texts: [String] = []
        collect(field[...], in: row, into: &texts)
        return texts.joined(separator: ", ")
    }

    /// The names of fields may have dots in them, so each name of the object is tried.
    private static func collect(_ field: Substring, in value: JSONValue, into texts: inout [String]) {
        if let elements = value.array {
            for element in elements { collect(field, in: element, into: &texts) }
        } else if field.isEmpty {
            if !value.isNull { texts.append(value.text ?? JSONWriter.text(of: value)) }
        } else if let object = value.object {
            var isFound = false
            for member in object.members {
                let name = member.key.text
                guard field == name || field.hasPrefix(name + ".") else { continue }
                isFound = true
                collect(field.dropFirst(name.count).drop { $0 == "." }, in: member.value, into: &texts)
            }
            // Entries that the server keeps by name stand for all of them.
            if !isFound { for member in object.members { collect(field, in: member.value, into: &texts) } }
        }
    }
}

/// Rows in aligned columns. On a terminal the widest columns are cut until a line fits; elsewhere nothing is cut.
package struct TextTable {
    /// One cell: its text and what it means.
    package struct Cell {
        let text: String
        let role: OutputStyle.Role?

        /// A cell; its text is made fit for a terminal.
        package init(_ text: String, _ role: OutputStyle.Role? = nil) {
            self.text = DisplayText.line(text)
            self.role = role
        }
    }

    private static let gap = 2
    /// No column is cut below this.
    private static let leastWidth = 8

    private let titles: [String]
    private var rows: [[Cell]] = []

    /// A table with these columns.
    package init(_ titles: [String]) {
        self.titles = titles
    }

    /// Adds a row with as many cells as there are columns.
    package mutating func add(_ cells: [Cell]) {
        rows.append(cells)
    }

    /// The lines, the titles first.
    package func lines(_ style: OutputStyle) -> [String] {
        var widths = titles.map(DisplayText.width)
        for row in rows {
            for (column, cell) in row.enumerated() { widths[column] = max(widths[column], DisplayText.width(cell.text)) }
        }
        if let limit = style.width { fit(&widths, into: limit) }
        let heading = line(titles.map { Cell($0, .heading) }, widths, style)
        return [heading] + rows.map { line($0, widths, style) }
    }

    private func fit(_ widths: inout [Int], into limit: Int) {
        while widths.reduce(0, +) + TextTable.gap * (widths.count - 1) > limit {
            guard let widest = widths.indices.max(by: { widths[$0] < widths[$1] }), widths[widest] > TextTable.leastWidth else {
                return
            }
            widths[widest] -= 1
        }
    }

    private func line(_ cells: [Cell], _ widths: [Int], _ style: OutputStyle) -> String {
        var line = ""
        for (column, cell) in cells.enumerated() {
            let text = DisplayText.cut(cell.text, to: widths[column], isUnicode: style.isUnicode)
            line += cell.role.map { style.paint(text, $0) } ?? text
            // Behind the last text stands nothing, so that lines do not end in spaces.
            guard cells[(column + 1)...].contains(where: { !$0.text.isEmpty }) else { break }
            line += String(repeating: " ", count: widths[column] - DisplayText.width(text) + TextTable.gap)
        }
        return line
    }
}

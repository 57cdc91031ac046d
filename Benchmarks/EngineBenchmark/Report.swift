/// Figures of a run, printed as one line of JSON.
struct Report {
    /// A number of one kind or the other.
    enum Figure {
        case integer(Int)
        case real(Double)
    }

    private let figures: [String: Figure]

    /// A report of these figures.
    init(_ figures: [String: Figure]) {
        self.figures = figures
    }

    /// Prints the line, names in order.
    func print() {
        let fields = figures.sorted { $0.key < $1.key }.map { name, figure in
            switch figure {
            case .integer(let value): "\"\(name)\": \(value)"
            case .real(let value): "\"\(name)\": \(value)"
            }
        }
        Swift.print("{\(fields.joined(separator: ", "))}")
    }
}

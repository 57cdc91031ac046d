/// Figures of a run, printed as one line of JSON.
struct Report {
    enum Figure {
        case integer(Int)
        case real(Double)
    }

    private let figures: [String: Figure]

    init(_ figures: [String: Figure]) {
        self.figures = figures
    }

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

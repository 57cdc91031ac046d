/// One of the six fields of a cron expression: its name, its numbers and the words that stand for them.
struct CronField: Sendable {
    /// The field's name in messages.
    var name: String
    /// The numbers it takes.
    var range: ClosedRange<Int>
    /// Words for the numbers from the range's start on; empty where there are none.
    var words: [String] = []
    /// Whether a range may run past the end and go on from the start (`FRI-MON`).
    var wraps = true

    // The six fields in the order of the expression, with the limits of "Cron expressions" in the EventBridge User Guide.
    static let minutes = CronField(name: "minutes", range: 0...59)
    static let hours = CronField(name: "hours", range: 0...23)
    static let dayOfMonth = CronField(name: "day-of-month", range: 1...31)
    static let month = CronField(
        name: "month", range: 1...12,
        words: ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"])
    static let dayOfWeek = CronField(
        name: "day-of-week", range: 1...7, words: ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"])
    static let year = CronField(name: "year", range: 1970...2199, wraps: false)

    /// The numbers that `text` selects: `*`, numbers, words, ranges, steps, and lists of them.
    func numbers(_ text: String) throws(ScheduleExpressionError) -> CronSet {
        var selected = CronSet(first: range.lowerBound)
        for item in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard !item.isEmpty else { throw fault("has an empty item in its list") }
            try select(item, in: &selected)
        }
        return selected
    }

    /// One number or word.
    func number(_ text: some StringProtocol) throws(ScheduleExpressionError) -> Int {
        if let index = words.firstIndex(of: text.uppercased()) { return range.lowerBound + index }
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(text) else {
            throw fault("cannot be read at '\(text)'")
        }
        guard range.contains(number) else {
            throw fault("has \(text), which is not within \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// An error about this field.
    func fault(_ what: String) -> ScheduleExpressionError {
        ScheduleExpressionError("The \(name) field \(what).")
    }

    private func select(_ item: Substring, in selected: inout CronSet) throws(ScheduleExpressionError) {
        let parts = item.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2 else { throw fault("has more than one step at '\(item)'") }
        let step = parts.count == 2 ? try self.step(parts[1]) : 1
        let ends = parts[0].split(separator: "-", omittingEmptySubsequences: false)
        if parts[0] == "*" || (parts[0].isEmpty && parts.count == 2) {
            selected.insert(range, step: step)
        } else if ends.count == 2 {
            let (first, last) = (try number(ends[0]), try number(ends[1]))
            if first <= last {
                selected.insert(first...last, step: step)
            } else if wraps {
                let length = range.count
                for value in stride(from: first, through: last + length, by: step) {
                    selected.insert((value - range.lowerBound) % length + range.lowerBound)
                }
            } else {
                throw fault("has a range that ends before it starts, '\(item)'")
            }
        } else if ends.count == 1 {
            let first = try number(parts[0])
            selected.insert(first...(parts.count == 2 ? range.upperBound : first), step: step)
        } else {
            throw fault("cannot be read at '\(item)'")
        }
    }

    private func step(_ text: Substring) throws(ScheduleExpressionError) -> Int {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let step = Int(text), step >= 1,
            step <= range.upperBound
        else { throw fault("has a step that is not within 1 to \(range.upperBound), '\(text)'") }
        return step
    }
}

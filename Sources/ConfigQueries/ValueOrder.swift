import JSONCore

/// Values of any type in one order: numbers, texts, then the rest by its text. Inventory writes whole numbers as texts; they are numbers here.
struct ValueOrder: Comparable {
    private let rank: Int
    private let number: Double
    private let text: TextOrder

    init(_ value: JSONValue) {
        if let number = value.number?.double ?? value.text.flatMap(Int64.init).map(Double.init) {
            (rank, self.number, text) = (0, number, TextOrder(""))
        } else {
            (rank, number, text) = (value.text == nil ? 2 : 1, 0, TextOrder(value.text ?? value.description))
        }
    }

    static func < (left: ValueOrder, right: ValueOrder) -> Bool {
        if left.rank != right.rank { return left.rank < right.rank }
        return left.rank == 0 ? left.number < right.number : left.text < right.text
    }
}

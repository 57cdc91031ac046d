/// `MaxConcurrency` or `MaxErrors`: a number of nodes, or a percentage of them (Systems Manager User Guide, "Run commands at scale").
struct RateLimit: Sendable, Equatable {
    private let number: Int
    private let isPercentage: Bool

    /// Reads `10` or `10%`; nil for anything else.
    init?(_ text: String) {
        isPercentage = text.hasSuffix("%")
        guard let number = Int(isPercentage ? String(text.dropLast()) : text), number >= 0 else { return nil }
        guard !isPercentage || number <= 100 else { return nil }
        self.number = number
    }

    /// The limit for a number of targets; a percentage is rounded down.
    func count(of targets: Int) -> Int {
        isPercentage ? targets * number / 100 : number
    }
}

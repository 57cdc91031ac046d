/// Finds what a mistyped name may have meant.
package enum Suggestion {
    /// The candidates nearest to a name, best first, at most three; those that share nothing with it are left out.
    package static func nearest(to name: String, of candidates: [String]) -> [String] {
        let wanted = Array(name.lowercased().utf8)
        let rated = candidates.compactMap { candidate -> (candidate: String, distance: Int)? in
            let other = Array(candidate.lowercased().utf8)
            if !wanted.isEmpty, other.count >= wanted.count, contains(wanted, in: other) { return (candidate, 0) }
            let distance = distance(wanted, other)
            return distance <= max(2, wanted.count / 3) ? (candidate, distance) : nil
        }
        return rated.sorted { ($0.distance, $0.candidate) < ($1.distance, $1.candidate) }.prefix(3).map(\.candidate)
    }

    /// A sentence that offers the nearest candidates; empty when none is near.
    package static func sentence(for name: String, of candidates: [String]) -> String {
        let near = nearest(to: name, of: candidates)
        return near.isEmpty ? "" : "Did you mean \(near.joined(separator: ", "))?"
    }

    private static func contains(_ part: [UInt8], in whole: [UInt8]) -> Bool {
        (0...(whole.count - part.count)).contains { Array(whole[$0..<($0 + part.count)]) == part }
    }

    /// Levenshtein's distance.
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var row = Array(0...right.count)
        for (i, a) in left.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, b) in right.enumerated() {
                let above = row[j + 1]
                row[j + 1] = a == b ? diagonal : min(diagonal, above, row[j]) + 1
                diagonal = above
            }
        }
        return row[right.count]
    }
}

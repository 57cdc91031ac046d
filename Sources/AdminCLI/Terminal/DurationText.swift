import TimeSource

/// Durations as people read and write them.
package enum DurationText {
    /// `0.32 s`, `12.3 s`, `4 min 05 s`, `2 h 05 min`, `3 d 04 h`: about three digits, whatever the size.
    package static func text(_ duration: Duration) -> String {
        let milliseconds = max(0, duration.wholeMilliseconds)
        let seconds = milliseconds / 1000
        switch seconds {
        case ..<10: return "\(seconds).\(padded(milliseconds % 1000 / 10)) s"
        case ..<60: return "\(seconds).\(milliseconds % 1000 / 100) s"
        case ..<3600: return "\(seconds / 60) min \(padded(seconds % 60)) s"
        case ..<86_400: return "\(seconds / 3600) h \(padded(seconds % 3600 / 60)) min"
        default: return "\(seconds / 86_400) d \(padded(seconds % 86_400 / 3600)) h"
        }
    }

    /// Reads `90s`, `10m`, `2h`, `1d`, `1w` and sums such as `1h30m`; nil for anything else.
    package static func parse(_ text: String) -> Duration? {
        var total: Int64 = 0
        var digits = ""
        for character in text {
            if character.isASCII, character.isNumber {
                digits.append(character)
                continue
            }
            guard let unit = unitSeconds[character], let count = Int64(digits), count < 1_000_000 else { return nil }
            total += count * unit
            digits = ""
        }
        return digits.isEmpty && !text.isEmpty ? .seconds(total) : nil
    }

    private static let unitSeconds: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800]

    private static func padded(_ number: Int64) -> String {
        number < 10 ? "0\(number)" : "\(number)"
    }
}

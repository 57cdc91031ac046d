import TimeSource

/// Instants as the protocols write them; in milliseconds since 1970.
enum TimestampText {
    /// Seconds since 1970 as a JSON number, with as many decimals as needed: `1479859015.231`.
    static func append(seconds milliseconds: Int64, to output: inout [UInt8]) {
        let magnitude = milliseconds.magnitude
        if milliseconds < 0 { output.append(UInt8(ascii: "-")) }
        output.append(contentsOf: String(magnitude / 1_000).utf8)
        var fraction = magnitude % 1_000
        guard fraction > 0 else { return }
        output.append(UInt8(ascii: "."))
        var unit: UInt64 = 100
        while fraction > 0 {
            output.append(UInt8(ascii: "0") + UInt8(fraction / unit))
            fraction %= unit
            unit /= 10
        }
    }

    /// An instant in a format.
    static func text(_ milliseconds: Int64, _ format: TimestampFormat) -> String {
        let instant = Timestamp(milliseconds: milliseconds)
        switch format {
        case .iso8601: return instant.iso8601Milliseconds
        case .rfc822: return instant.httpDate
        case .unixTimestamp:
            var output: [UInt8] = []
            append(seconds: milliseconds, to: &output)
            return String(decoding: output, as: UTF8.self)
        }
    }

    /// The years 1 to 9999: what ISO 8601 writes in four digits, and far from where arithmetic with instants would overflow.
    private static let range: ClosedRange<Double> = -62_135_596_800_000...253_402_300_799_999

    /// Reads any of the formats, whichever it is; nil when the text is none.
    static func parse(_ text: String) -> Int64? {
        if let instant = Timestamp(rfc3339: text) ?? Timestamp(httpDate: text) { return instant.milliseconds }
        return Double(text).flatMap(milliseconds)
    }

    /// The instant of seconds since 1970, rounded to milliseconds; nil outside the years 1 to 9999.
    static func milliseconds(_ seconds: Double) -> Int64? {
        let milliseconds = (seconds * 1_000).rounded()
        return range.contains(milliseconds) ? Int64(milliseconds) : nil
    }
}

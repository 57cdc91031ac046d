import Foundation
package import TimeSource

/// Instants as the operator's wall clock shows them.
package struct LocalTime: Sendable {
    private let offset: @Sendable (Timestamp) -> Int

    /// A zone by its distance from UTC, in seconds, at an instant.
    package init(offset: @escaping @Sendable (Timestamp) -> Int) {
        self.offset = offset
    }

    /// UTC.
    package static let utc = LocalTime { _ in 0 }

    /// The zone of the process (TZ, else /etc/localtime).
    package static let system = LocalTime { instant in
        // Thread-safe: glibc reads the zone once, under its own lock.
        var seconds = time_t(instant.seconds)
        var parts = tm()
        return localtime_r(&seconds, &parts) == nil ? 0 : parts.tm_gmtoff
    }

    /// `22:00:03`.
    package func time(_ instant: Timestamp) -> String {
        String(text(instant).dropFirst(11))
    }

    /// `2026-11-20 22:00:03`.
    package func dateAndTime(_ instant: Timestamp) -> String {
        text(instant)
    }

    private func text(_ instant: Timestamp) -> String {
        let shown = Timestamp(seconds: instant.seconds + Int64(offset(instant)))
        return String(shown.iso8601Seconds.dropLast()).replacing("T", with: " ")
    }
}

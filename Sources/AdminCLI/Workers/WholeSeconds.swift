import ArgumentParser

/// A duration of whole seconds on the command line: `30`, `30s`, `10m`, `1h30m`.
struct WholeSeconds: ExpressibleByArgument, Hashable, Sendable {
    /// How long.
    let duration: Duration

    /// That many seconds.
    init(_ seconds: Int) {
        duration = .seconds(seconds)
    }

    init?(argument: String) {
        guard let duration = UInt32(argument).map({ Duration.seconds(Int64($0)) }) ?? DurationText.parse(argument) else { return nil }
        self.duration = duration
    }

    /// The count.
    var count: Int { Int(duration.components.seconds) }

    var defaultValueDescription: String { "\(count)" }
}

package import TimeSource

/// The two times of a step, read once by the engine and stored with the step's inputs.
///
/// Engine time never goes back; a start takes up the time that the server was down: `Seconds`, timeouts, heartbeats and
/// retries use it. Wall time is what clients and definitions mean by a date: `Timestamp`, history and the context object use it.
package struct Instants: Hashable, Sendable {
    /// The engine's own time.
    package var engine: Timestamp
    /// The wall clock.
    package var wall: Timestamp

    /// Both times.
    package init(engine: Timestamp, wall: Timestamp) {
        self.engine = engine
        self.wall = wall
    }
}

/// An instant on one of the two clocks.
package enum DueInstant: Hashable, Sendable {
    /// Due when engine time has reached this.
    case engine(Timestamp)
    /// Due when the wall clock has reached this.
    case wall(Timestamp)

    /// Whether the instant has come.
    package func isReached(at now: Instants) -> Bool {
        switch self {
        case .engine(let due): due <= now.engine
        case .wall(let due): due <= now.wall
        }
    }
}

/// When an execution next wants to be stepped with `StepInput.due`, on each clock.
package struct NextDue: Hashable, Sendable {
    /// The earliest due instant in engine time, nil when nothing waits for it.
    package var engine: Timestamp?
    /// The earliest due instant in wall time, nil when nothing waits for it.
    package var wall: Timestamp?

    /// Nothing is due.
    package init() {}

    /// Takes in one more due instant.
    package mutating func include(_ due: DueInstant) {
        switch due {
        case .engine(let instant): engine = min(engine ?? instant, instant)
        case .wall(let instant): wall = min(wall ?? instant, instant)
        }
    }
}

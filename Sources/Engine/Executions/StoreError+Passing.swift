import Store

extension StoreError {
    /// True when nothing was written and the same may work later, such as on a full disk. After any other error this process no
    /// longer knows what is stored: it has to end, and to read what is there.
    var isPassing: Bool {
        guard outcome == .notApplied else { return false }
        return switch code {
        case .conflict, .full, .unavailable, .invalidStatement: true
        case .fenced, .corrupted, .newerSchema, .closed: false
        }
    }
}

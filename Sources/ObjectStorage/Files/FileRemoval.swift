import Synchronization

/// Removes files of objects that were replaced or deleted: not while somebody reads them, and not while a backup copies.
///
/// What is not removed when the process ends, the next one's `OrphanSweep` finds.
final class FileRemoval: Sendable {
    private struct State {
        /// How often an object's bytes are being read, by their id.
        var readers: [String: Int] = [:]
        /// What is removed when the last reader has gone.
        var awaited: [String: [String]] = [:]
        /// Objects whose files are being removed just now.
        var removing: Set<String> = []
        /// How many backups copy, and what waits for their end.
        var pauses = 0
        var postponed: [(owner: String, files: [String])] = []
    }

    private let folder: ObjectFolder
    private let pool: WorkPool
    private let state = Mutex(State())

    /// A remover for a folder, working on a pool.
    init(folder: ObjectFolder, pool: WorkPool) {
        self.folder = folder
        self.pool = pool
    }

    /// Keeps the files of an object until as many `release`s. False when they are being removed already. Files may be missing all the
    /// same when they were removed before.
    func hold(_ owner: String) -> Bool {
        state.withLock { state in
            if state.removing.contains(owner) { return false }
            state.readers[owner, default: 0] += 1
            return true
        }
    }

    /// Lets the files of an object go.
    func release(_ owner: String) {
        let files = state.withLock { state -> [String]? in
            let left = (state.readers[owner] ?? 1) - 1
            state.readers[owner] = left > 0 ? left : nil
            return left > 0 ? nil : state.awaited.removeValue(forKey: owner)
        }
        if let files { remove(files, of: owner) }
    }

    /// Removes the files of an object, as soon as nobody needs them. Does not wait for it.
    func remove(_ files: [String], of owner: String) {
        let isTime = state.withLock { state in
            if state.readers[owner] != nil {
                state.awaited[owner, default: []] += files
                return false
            }
            if state.pauses > 0 {
                state.postponed.append((owner, files))
                return false
            }
            state.removing.insert(owner)
            return true
        }
        guard isTime else { return }
        pool.submit { [self] in
            for file in files { _ = folder.remove(file) }
            state.withLock { _ = $0.removing.remove(owner) }
        }
    }

    /// From now on nothing is removed, until `resume`.
    func pause() {
        state.withLock { $0.pauses += 1 }
    }

    /// Removes what waited, once nobody else has paused.
    func resume() {
        let postponed = state.withLock { state in
            state.pauses -= 1
            guard state.pauses == 0 else { return [(owner: String, files: [String])]() }
            defer { state.postponed = [] }
            return state.postponed
        }
        for entry in postponed { remove(entry.files, of: entry.owner) }
    }
}

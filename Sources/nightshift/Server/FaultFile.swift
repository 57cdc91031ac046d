#if DEBUG
    import Foundation
    import Store
    import Synchronization

    /// For crash tests, in debug builds only: lets one batch fail while the server lives, as the file says that
    /// `NIGHTSHIFT_STORE_FAULT_FILE` names. `before 2` fails the second batch from now without applying it; `after 2` applies it and answers
    /// that nobody knows. The file is removed when that has happened. Batches of the server's own housekeeping are not counted.
    final class FaultFile: Sendable {
        /// What happens to a batch.
        enum Fault {
            case before
            case after
        }

        private let path: String
        private let progress = Mutex<(order: String, left: Int)>((order: "", left: 0))

        /// The file that the environment names, nil for none.
        static let fromEnvironment: FaultFile? = ProcessInfo.processInfo.environment["NIGHTSHIFT_STORE_FAULT_FILE"].map(FaultFile.init)

        private init(path: String) {
            self.path = path
        }

        /// What is to happen to this batch, nil for nothing.
        func fault(of batch: [Statement]) -> Fault? {
            guard !batch.contains(where: { $0.sql.contains("UPDATE node") || $0.sql.contains("SET last_ping") }) else { return nil }
            return progress.withLock { progress in
                guard let order = try? String(contentsOfFile: path, encoding: .utf8), !order.isEmpty else { return nil }
                let words = order.split(separator: " ")
                if order != progress.order { progress = (order, words.count > 1 ? Int(words[1]) ?? 1 : 1) }
                progress.left -= 1
                guard progress.left == 0 else { return nil }
                progress.order = ""
                try? FileManager.default.removeItem(atPath: path)
                return words.first == "after" ? .after : .before
            }
        }
    }
#endif

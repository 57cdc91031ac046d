import Dispatch
import Synchronization

/// Does blocking work on several things at the same time: their fsyncs then share the commits of the file system's journal, so that ten
/// cost little more than one.
final class SideBySide: Sendable {
    private let queues: [DispatchQueue]

    /// Work on up to so many things at a time. Threads exist only while there is work.
    init(width: Int, label: String) {
        queues = (0..<width).map { DispatchQueue(label: "\(label)-\($0)") }
    }

    /// Waits until the work is done on each element, and answers its results in their order.
    func map<Element: Sendable, Result: Sendable>(
        _ elements: [Element], _ work: @escaping @Sendable (Element) -> Result
    ) -> [Result] {
        guard elements.count > 1 else { return elements.map(work) }
        let results = Results<Result>(count: elements.count)
        let group = DispatchGroup()
        for (index, element) in elements.enumerated() {
            queues[index % queues.count].async(group: group) { results.set(work(element), at: index) }
        }
        group.wait()
        return results.all
    }

    private final class Results<Result: Sendable>: Sendable {
        private let values: Mutex<[Result?]>

        init(count: Int) {
            values = Mutex([Result?](repeating: nil, count: count))
        }

        func set(_ value: Result, at index: Int) {
            values.withLock { $0[index] = value }
        }

        var all: [Result] { values.withLock { $0.compactMap(\.self) } }
    }
}

import Store
import Synchronization

/// The copies that the writer was asked for, made one after the other. All but `post` belongs to the writer's thread.
final class SQLiteBackupQueue: Sendable {
    /// nil once the writer has ended.
    private let orders = Mutex<[SQLiteBackup.Order]?>([])
    /// Looked at between any two groups, so it takes no lock.
    private let hasOrders = Atomic(false)

    /// Adds an order. False, when the writer has ended.
    func post(_ order: SQLiteBackup.Order) -> Bool {
        let isAccepted = orders.withLock { orders in
            orders?.append(order)
            return orders != nil
        }
        if isAccepted { hasOrders.store(true, ordering: .releasing) }
        return isAccepted
    }

    /// Copies for a few milliseconds at most.
    /// - Parameter current: the copy under way, for the writer's thread to keep.
    func step(_ current: inout SQLiteBackup?, _ connection: SQLiteConnection) {
        if current == nil, hasOrders.load(ordering: .acquiring) {
            let next = orders.withLock { orders -> SQLiteBackup.Order? in
                guard let first = orders?.first else { return nil }
                orders?.removeFirst()
                hasOrders.store(orders?.isEmpty == false, ordering: .releasing)
                return first
            }
            if let next {
                do throws(StoreError) {
                    current = try connection.beginBackup(next)
                } catch {
                    next.finish(error)
                }
            }
        }
        if let backup = current, !backup.step() { current = nil }
    }

    /// True when nothing is to be copied.
    func isIdle(_ current: SQLiteBackup?) -> Bool { current == nil && !hasOrders.load(ordering: .acquiring) }

    /// Ends what is under way, as the writer ends.
    func close(_ current: SQLiteBackup?) {
        let left = orders.withLock { orders in
            defer { orders = nil }
            return orders ?? []
        }
        current?.abandon()
        for order in left { order.finish(StoreError(.closed)) }
    }
}

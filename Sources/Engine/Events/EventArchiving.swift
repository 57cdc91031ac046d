package import JSONCore
package import Store

/// Keeps events of buses beside what the rules do with them: the seam between the router and archives.
package protocol EventArchiving: Sendable {
    /// Whether an archive of the bus may want an event of this source and type. From memory, in microseconds; true when not known.
    func wants(account: String, bus: String, source: String, detailType: String) -> Bool

    /// What keeps an event in the archives that want it, in the transaction that accepts it; empty when none does.
    /// - Parameter value: the event as patterns see it.
    func keeping(_ event: BusEvent, value: JSONValue) async throws -> [Statement]
}

import ScheduleExpressions
import Store
import TimeSource

/// A schedule that is due, with all that its tick writes: made within one consistent read, then applied as one batch.
struct FiringTick: Sendable {
    /// What was due.
    let due: ScheduleStore.Due
    /// The rule, nil when it is gone or has no schedule any more.
    let rule: RuleRecord?
    /// What becomes of it.
    let decision: TickDecision?
    /// The targets' deliveries.
    let deliveries: [DeliveryRecord]
    /// Targets that cannot be delivered to.
    let faults: [Fault]
    /// When the tick was decided about, by the wall clock.
    let recordedAt: Timestamp

    /// A target that cannot be delivered to, and why.
    struct Fault: Sendable {
        let target: String
        let reason: String
    }

    /// Reads a due schedule and decides about it.
    /// - Parameters:
    ///   - engine: engine time, from which the age of deliveries counts.
    ///   - wall: the wall clock, which schedules go by.
    static func read(
        _ due: ScheduleStore.Due, engine: Timestamp, wall: Timestamp, region: String, in transaction: any ReadTransaction
    ) throws(StoreError) -> FiringTick {
        guard let rule = try RuleStore.find(id: due.schedule, in: transaction), rule.isEnabled, let schedule = rule.schedule else {
            return FiringTick(due: due, rule: nil, decision: nil, deliveries: [], faults: [], recordedAt: wall)
        }
        var decision = TickDecision(schedule, anchor: rule.anchorAt, due: due.at, now: wall)
        // A wall clock that was set back makes times due again that had their tick.
        if let missed = decision.missed, try ScheduleStore.isRecorded(schedule: rule.id, due: missed.from, in: transaction) {
            decision.missed = nil
        }
        if let fires = decision.fires, try ScheduleStore.isRecorded(schedule: rule.id, due: fires, in: transaction) {
            decision.fires = nil
        }
        var deliveries: [DeliveryRecord] = []
        var faults: [Fault] = []
        if let fires = decision.fires {
            let identity = TickIdentity(schedule: rule.id, due: fires)
            let event = ScheduledEvent(rule: rule, due: fires, id: identity.eventID, region: region)
            var routed = RoutedEvent(id: identity.eventID, value: event.value, ingestedAt: wall)
            for record in try RuleTargetStore.list(rule: rule.id, limit: .max, in: transaction) {
                do throws(RuleTargetSettings.Fault) {
                    let target = try RuleTarget(record, of: rule, region: region)
                    deliveries.append(
                        target.delivery(of: &routed, id: identity.deliveryID(target: record.id), createdAt: engine))
                } catch {
                    faults.append(Fault(target: record.id, reason: error.reason))
                }
            }
        }
        return FiringTick(
            due: due, rule: rule, decision: decision, deliveries: deliveries, faults: faults, recordedAt: wall)
    }

    /// Everything that the tick writes; a conflict when the rule was changed since it was read.
    var batch: [Statement] {
        var batch = [ScheduleStore.takeDue(due)]
        guard let rule, let decision else { return batch }
        batch.append(RuleStore.requireUnchanged(rule))
        if let missed = decision.missed {
            batch.append(record(missed.from, .missed(until: missed.until), rule))
        }
        if let fires = decision.fires { batch.append(record(fires, .fired, rule)) }
        batch += deliveries.map { DeliveryStore.add($0) }
        if let next = decision.next { batch.append(ScheduleStore.addDue(ScheduleStore.Due(at: next, schedule: rule.id))) }
        batch.append(ScheduleStore.forgetTicks(of: rule.id, before: recordedAt - ScheduleStore.retention))
        return batch
    }

    private func record(_ due: Timestamp, _ outcome: TickRecord.Outcome, _ rule: RuleRecord) -> Statement {
        ScheduleStore.record(TickRecord(schedule: rule.id, due: due, outcome: outcome, recordedAt: recordedAt))
    }
}

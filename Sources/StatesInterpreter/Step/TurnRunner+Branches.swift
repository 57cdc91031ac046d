import JSONCore
import JSONPath
import StatesLanguage

/// Parallel and Map states: children begin, end, and are abandoned.
extension TurnRunner {
    /// Puts a branch that was changed back, unless it is gone, and lets it run when it can.
    mutating func settle(_ branch: Branch) {
        guard !hasEnded, !isDropped(branch.id) else { return }
        put(branch)
        switch branch.phase {
        case .entering, .working: ready.append(branch.id)
        default: break
        }
    }

    // MARK: Parallel

    /// Begins the branches of a Parallel state.
    mutating func fork(
        _ branch: inout Branch, _ state: State, _ parallel: ParallelState, input: Datum
    ) throws(StateFailure) {
        var effective = input
        if let parameters = parallel.parameters {
            effective = .value(try evaluate(parameters, input: input.value, branch: branch))
        }
        let payload = try makePayload(effective, owner: state.name.text)
        record(.parallelStateStarted, on: &branch)
        try begin(&branch, count: Int64(parallel.branches.count), begun: Int64(parallel.branches.count))
        guard case .awaitingBranches(let wait) = branch.phase, !isHistoryFull else { return }
        for (index, start) in parallel.branches.enumerated() {
            makeChild(of: branch, wait: wait, index: Int64(index), start: start, input: payload, after: branch.lastEvent)
        }
    }

    private mutating func begin(_ branch: inout Branch, count: Int64, begun: Int64) throws(StateFailure) {
        guard Int64(state.branches.count + state.outputs.count) + count <= Int64(environment.limits.branches) else {
            throw .runtime("The execution has more than \(environment.limits.branches) branches.", in: branch)
        }
        let first = BranchID(rawValue: state.counters.nextBranch)
        state.counters.nextBranch += count
        branch.phase = .awaitingBranches(BranchWait(first: first, count: count, unfinished: count, begun: begun))
    }

    private mutating func makeChild(
        of parent: Branch, wait: BranchWait, index: Int64, start: StateReference, input: Payload, after event: EventID
    ) {
        let id = BranchID(rawValue: wait.first.rawValue + index)
        create(
            Branch(
                id: id, parent: parent.id, index: index, stateName: start.name, input: input, phase: .entering,
                enteredEvent: 0, enteredTime: now.wall, lastEvent: event, retries: [], variables: parent.variables))
        ready.append(id)
    }

    // MARK: Map

    /// Begins the iterations of an inline Map state.
    mutating func beginMap(_ branch: inout Branch, _ state: State, _ map: MapState, input: Datum) throws(StateFailure) {
        let items = try items(of: map, input: input, branch: branch)
        mapItems[branch.id] = items
        let limit = try concurrency(of: map, branch: branch, input: input)
        record(.mapStateStarted, on: &branch, .mapStarted(length: Int64(items.count)))
        let begun = min(limit, Int64(items.count))
        try begin(&branch, count: Int64(items.count), begun: begun)
        guard case .awaitingBranches(let wait) = branch.phase, !isHistoryFull else { return }
        if items.isEmpty { return try join(&branch, state, wait) }
        for index in 0..<begun {
            try beginIteration(of: branch, state, map, wait: wait, index: index, items: items, after: branch.lastEvent)
        }
    }

    private mutating func beginIteration(
        of parent: Branch, _ state: State, _ map: MapState, wait: BranchWait, index: Int64, items: [JSONValue],
        after event: EventID
    ) throws(StateFailure) {
        let started = emit(.mapIterationStarted, after: event, .mapIteration(name: state.name, index: index))
        var item = Datum.value(items[Int(index)])
        if let selector = map.itemSelector {
            let input = try apply(state.inputPath, to: .payload(parent.input), branch: parent)
            item = .value(
                try evaluate(selector, input: input.value, branch: parent, item: MapItem(index: index, value: items[Int(index)])))
        }
        let payload = try makePayload(item, owner: state.name.text)
        makeChild(of: parent, wait: wait, index: index, start: map.start, input: payload, after: started)
    }

    private func items(of map: MapState, input: Datum, branch: Branch) throws(StateFailure) -> [JSONValue] {
        let found = try apply(map.itemsPath, to: input, branch: branch).value
        guard let items = found.array else {
            var place = "$"
            if case .path(let path) = map.itemsPath { place = path.source.text }
            throw .runtime("Reference path \"\(place)\" must point to array.", in: branch)
        }
        return items
    }

    private func concurrency(of map: MapState, branch: Branch, input: Datum) throws(StateFailure) -> Int64 {
        // Inline iterations run at most forty at a time (Developer Guide, "Map state processing modes").
        var limit: Int64 = 0
        switch map.maxConcurrency {
        case .literal(let number): limit = number
        case .path(let path):
            let value = try value(at: path, input: input.value, branch: branch)
            guard let number = value.long else {
                throw .runtime(
                    "The MaxConcurrencyPath field refers to value \"\(value.plainText)\" "
                        + "which is not a valid integer: \(path)", in: branch)
            }
            guard number >= 0 else { throw .runtime("MaxConcurrency cannot be negative.", in: branch) }
            limit = number
        }
        return limit == 0 ? 40 : limit
    }

    /// The item of the innermost Map iteration that the branch belongs to.
    func mapItem(of branch: Branch) -> MapItem? {
        var child = branch
        while let parentID = child.parent {
            guard let parent = state.branches[parentID], let state = definition.state(named: parent.stateName) else { return nil }
            if case .map(let map) = state.body {
                let items: [JSONValue]
                if let cached = mapItems[parentID] {
                    items = cached
                } else if let input = try? apply(state.inputPath, to: .payload(parent.input), branch: parent),
                    let found = try? self.items(of: map, input: input, branch: parent)
                {
                    items = found
                } else {
                    return nil
                }
                guard child.index < Int64(items.count) else { return nil }
                return MapItem(index: child.index, value: items[Int(child.index)])
            }
            child = parent
        }
        return nil
    }

    // MARK: Ends

    /// Ends a line of control: the execution when it is the root, else the parent may go on.
    mutating func end(_ branch: inout Branch, output: Payload) {
        guard let parentID = branch.parent else {
            emit(.executionSucceeded, after: branch.lastEvent, .output(output), isLast: true)
            turn.outcome = .succeeded(output: output)
            return
        }
        drop(branch.id, leaving: output)
        guard var parent = take(parentID), case .awaitingBranches(var wait) = parent.phase,
            let state = definition.state(named: parent.stateName)
        else { return }
        wait.unfinished -= 1
        parent.phase = .awaitingBranches(wait)
        // What the join names as its predecessor: the end of the last iteration, or of the last Parallel branch.
        var last = branch.lastEvent
        do throws(StateFailure) {
            if case .map(let map) = state.body {
                last = emit(
                    .mapIterationSucceeded, after: branch.lastEvent, .mapIteration(name: state.name, index: branch.index))
                if wait.begun < wait.count {
                    let items = try currentItems(of: parent, state, map)
                    wait.begun += 1
                    parent.phase = .awaitingBranches(wait)
                    try beginIteration(
                        of: parent, state, map, wait: wait, index: wait.begun - 1, items: items, after: branch.lastEvent)
                }
            }
            if wait.unfinished == 0 {
                parent.lastEvent = last
                try join(&parent, state, wait)
            }
        } catch {
            parent.lastEvent = branch.lastEvent
            abandonChildren(of: parent, after: branch.lastEvent, failing: nil)
            fail(&parent, state, error)
        }
        settle(parent)
    }

    private mutating func currentItems(of branch: Branch, _ state: State, _ map: MapState) throws(StateFailure) -> [JSONValue] {
        if let items = mapItems[branch.id] { return items }
        let input = try apply(state.inputPath, to: .payload(branch.input), branch: branch)
        let items = try items(of: map, input: input, branch: branch)
        mapItems[branch.id] = items
        return items
    }

    /// All children are done: their outputs become the state's result.
    private mutating func join(_ branch: inout Branch, _ state: State, _ wait: BranchWait) throws(StateFailure) {
        var outputs: [JSONValue] = []
        outputs.reserveCapacity(Int(wait.count))
        for offset in 0..<wait.count {
            let id = BranchID(rawValue: wait.first.rawValue + offset)
            if let output = self.state.outputs[id] { outputs.append(output.value) }
            drop(id)
        }
        branch.phase = .working
        switch state.body {
        case .parallel(let parallel):
            // AWS's histories have it aside: the exit names the last event of the branch that ended last.
            emit(.parallelStateSucceeded, after: branch.lastEvent)
            try finishResult(&branch, state, .value(.array(outputs)), parallel.flow)
        case .map(let map):
            mapItems[branch.id] = nil
            emit(.mapStateSucceeded, after: branch.lastEvent)
            try finishResult(&branch, state, .value(.array(outputs)), map.flow)
        default: break
        }
    }

    /// Abandons the children of a branch, and theirs: events, cancelled effects, branches gone.
    ///
    /// `failing` is the child whose failure is the reason; its own state was not abandoned by somebody else, but a
    /// Parallel state's history tells so all the same of a task.
    mutating func abandonChildren(of branch: Branch, after event: EventID, failing: BranchID?) {
        guard case .awaitingBranches(let wait) = branch.phase, let state = definition.state(named: branch.stateName) else { return }
        let isMap = state.type == .map
        for offset in 0..<wait.begun {
            let id = BranchID(rawValue: wait.first.rawValue + offset)
            guard let child = self.state.branches[id] else {
                if self.state.outputs[id] != nil { drop(id) }
                continue
            }
            if isMap, id != failing {
                emit(.mapIterationAborted, after: event, .mapIteration(name: state.name, index: child.index))
            }
            abandonChildren(of: child, after: event, failing: nil)
            abandonState(of: child, after: event, isFailing: id == failing, inMap: isMap)
            drop(id)
        }
        if isMap, let failing {
            let index = failing.rawValue - wait.first.rawValue
            emit(.mapIterationFailed, after: event, .mapIteration(name: state.name, index: index))
        }
    }

    private mutating func abandonState(of branch: Branch, after event: EventID, isFailing: Bool, inMap: Bool) {
        if case .awaitingTask(let wait) = branch.phase { cancel(wait.effect) }
        if case .entering = branch.phase { return }
        guard let state = definition.state(named: branch.stateName), let type = state.type.aborted else { return }
        if isFailing, inMap || state.type != .task { return }
        emit(type, after: event)
    }

    /// Cancels an effect; one that this very turn asked for is simply not asked for.
    mutating func cancel(_ effect: EffectNumber) {
        let position = turn.effects.firstIndex { asked in
            if case .task(let request) = asked { request.effect == effect } else { false }
        }
        if let position { turn.effects.remove(at: position) } else { turn.effects.append(.cancel(effect)) }
    }
}

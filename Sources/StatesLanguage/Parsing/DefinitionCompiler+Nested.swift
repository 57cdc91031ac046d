import JSONCore

/// Compiling states with machines inside: branches and item processors.
extension DefinitionCompiler {
    /// `Branches` and what a Parallel state has besides.
    mutating func compileParallel(
        _ object: JSONObject, scope: inout DefinitionScope, position: Int, at place: DefinitionPlace
    ) -> State.Body? {
        if object["Branches"] == nil { requireFields(["Branches"], at: place) }
        var branches: [StateReference] = []
        for (branch, place) in objects("Branches", of: object, isRequired: true, at: place) {
            refuseUnknownFields(of: branch, allowed: ["Comment", "StartAt", "States"], at: place)
            if let start = compileScope(branch, at: place) { branches.append(start) }
        }
        return .parallel(
            ParallelState(
                branches: branches, parameters: template("Parameters", of: object, at: place),
                flow: ResultFlow(
                    selector: template("ResultSelector", of: object, at: place), path: resultPath(of: object, at: place),
                    assign: assign(of: object, at: place)),
                retriers: compileRetriers(object, at: place),
                catchers: compileCatchers(object, scope: &scope, position: position, at: place)))
    }

    /// `ItemProcessor`, or `Iterator` of older definitions, and what a Map state has besides.
    mutating func compileMap(
        _ object: JSONObject, scope: inout DefinitionScope, position: Int, at place: DefinitionPlace
    ) -> State.Body? {
        let field = object["ItemProcessor"] != nil ? "ItemProcessor" : "Iterator"
        guard let processor = object[field] else {
            requireFields(["ItemProcessor"], at: place)
            return nil
        }
        let concurrency = seconds("MaxConcurrency", of: object, in: 0...Int64(Int32.max), at: place) ?? .literal(0)
        let flow = ResultFlow(
            selector: template("ResultSelector", of: object, at: place), path: resultPath(of: object, at: place),
            assign: assign(of: object, at: place))
        let selectorField = object["ItemSelector"] != nil ? "ItemSelector" : "Parameters"
        let selector = template(selectorField, of: object, at: place)
        let retriers = compileRetriers(object, at: place)
        let catchers = compileCatchers(object, scope: &scope, position: position, at: place)
        let items = pathField("ItemsPath", of: object, at: place)
        guard let machine = processor.object else {
            report("The value for the field '\(field)' must be an object, not \(processor.typeName)", at: place / field)
            return nil
        }
        refuseUnknownFields(of: machine, allowed: ["Comment", "StartAt", "States", "ProcessorConfig"], at: place / field)
        let mode = compileMode(machine, at: place / field)
        guard let start = compileScope(machine, at: place / field) else { return nil }
        return .map(
            MapState(
                mode: mode, start: start, itemsPath: items, itemSelector: selector, maxConcurrency: concurrency, flow: flow,
                retriers: retriers, catchers: catchers))
    }

    private mutating func compileMode(_ machine: JSONObject, at place: DefinitionPlace) -> MapState.Mode {
        guard let config = machine["ProcessorConfig"] else { return .inline }
        guard let object = config.object else {
            report("The value for the field 'ProcessorConfig' must be an object", at: place / "ProcessorConfig")
            return .inline
        }
        guard let text = string("Mode", of: object, at: place / "ProcessorConfig") else { return .inline }
        guard let mode = MapState.Mode(rawValue: text.text) else {
            report("The field 'Mode' should have one of these values: [INLINE, DISTRIBUTED]", at: place / "ProcessorConfig" / "Mode")
            return .inline
        }
        if mode == .distributed, !allowsDistributedMap {
            report("Map states in DISTRIBUTED mode are not supported by this server yet", at: place / "ProcessorConfig" / "Mode")
        }
        return mode
    }
}

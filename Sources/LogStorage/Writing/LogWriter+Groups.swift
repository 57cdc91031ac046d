import TimeSource

extension LogWriter {
    /// Makes the directory and the description of a group.
    mutating func createGroup(_ name: LogGroupName, retentionInDays: Int?, tags: [String: String]) throws(LogStoreError) {
        let number = try catalogue.access { contents throws(LogStoreError) in
            guard contents.numbers[name] == nil else {
                throw LogStoreError(.groupExists, "log group \(name) exists already")
            }
            defer { contents.nextGroupNumber += 1 }
            return contents.nextGroupNumber
        }
        let description = GroupDescription(
            name: name, createdAt: clock.now.milliseconds, retentionInDays: retentionInDays, tags: tags)
        let directory = paths.directory(ofGroup: number)
        do throws(FileFailure) {
            try files.createDirectory(directory)
            try files.replace(paths.groupFile(number), with: description.encoded(), in: directory)
        } catch {
            try? files.removeDirectory(directory)
            throw error.asLogStoreError()
        }
        synchroniseAtEnd(directory: paths.root)
        catalogue.update { contents in
            contents.groups[number] = GroupState(number: number, description: description)
            contents.numbers[name] = number
        }
    }

    /// Changes retention or tags.
    mutating func updateGroup(
        _ name: LogGroupName, _ change: (inout GroupDescription) -> Void
    ) throws(LogStoreError) {
        let group = try catalogue.access { contents throws(LogStoreError) in try contents.group(name) }
        var description = group.description
        change(&description)
        guard description != group.description else { return }
        do throws(FileFailure) {
            try files.replace(
                paths.groupFile(group.number), with: description.encoded(), in: paths.directory(ofGroup: group.number))
        } catch {
            // The new content may be in place without the directory being synchronised.
            throw error.asLogStoreError(outcome: .unknown)
        }
        let changed = description
        catalogue.update { $0.groups[group.number]?.description = changed }
    }

    /// Takes a group out of the store; answers where its files wait to be removed.
    ///
    /// The one rename decides: after a crash before it the group is there, after it the group is gone.
    mutating func deleteGroup(_ name: LogGroupName) throws(LogStoreError) -> String {
        let number = try catalogue.access { contents throws(LogStoreError) in try contents.group(name).number }
        do throws(FileFailure) {
            try files.rename(paths.directory(ofGroup: number), to: paths.trash(ofGroup: number))
        } catch {
            throw error.asLogStoreError()
        }
        synchroniseAtEnd(directory: paths.root)
        forget { $0.group == number }
        let tails = catalogue.update { contents -> [TailSubscriber] in
            contents.numbers[name] = nil
            return contents.groups.removeValue(forKey: number).map { Array($0.tails.values) } ?? []
        }
        for tail in tails { tail.finish() }
        return paths.trash(ofGroup: number)
    }

    /// Makes the first segment of a stream: its header is the stream.
    mutating func createStream(_ name: String, in group: LogGroupName) throws(LogStoreError) {
        let (groupNumber, number) = try catalogue.access { contents throws(LogStoreError) -> (Int, Int) in
            let state = try contents.group(group)
            guard state.stream(name) == nil else {
                throw LogStoreError(.streamExists, "log stream \(name) exists already in log group \(group)")
            }
            contents.groups[state.number]?.nextStreamNumber += 1
            return (state.number, state.nextStreamNumber)
        }
        let key = SegmentKey(group: groupNumber, stream: number, segment: 0)
        var stream = StreamState(
            number: number, name: name, createdAt: clock.now.milliseconds,
            identity: StreamIdentity(high: random.nextWord(), low: random.nextWord()), segments: [])
        let header = stream.header(for: 0).encoded()
        do throws(FileFailure) {
            try file(of: key, create: true).write(header, at: 0)
        } catch {
            forget { $0 == key }
            try? files.remove(paths.segment(key))
            throw error.asLogStoreError()
        }
        synchroniseAtEnd(segment: key)
        synchroniseAtEnd(directory: paths.directory(ofGroup: groupNumber))
        stream.segments = [SegmentState(number: 0, length: Int64(header.count), sourceOffset: nil)]
        let created = stream
        catalogue.update { contents in
            contents.groups[groupNumber]?.streams[number] = created
            contents.groups[groupNumber]?.streamNumbers[ExactText(name)] = number
        }
    }

    /// Removes a stream by its name.
    mutating func deleteStream(_ name: String, in group: LogGroupName) throws(LogStoreError) {
        let numbers = try catalogue.access { contents throws(LogStoreError) in try contents.locate(name, in: group) }
        do throws(FileFailure) {
            try removeStream(numbers.stream, of: numbers.group)
        } catch {
            throw error.asLogStoreError(outcome: .unknown)
        }
    }

    /// Removes a stream's files. Of several the first to come is a mark, so that a crash in between cannot bring half of it back.
    mutating func removeStream(_ number: Int, of group: Int) throws(FileFailure) {
        guard let stream = catalogue.update({ $0.groups[group]?.streams[number] }) else { return }
        let directory = paths.directory(ofGroup: group)
        let mark = paths.deletionMark(group: group, stream: number)
        if stream.segments.count > 1 {
            if try !files.exists(mark) { _ = try files.open(mark, create: true) }
            try files.synchroniseDirectory(directory)
        }
        forget { $0.group == group && $0.stream == number }
        for segment in stream.segments {
            try files.remove(paths.segment(SegmentKey(group: group, stream: number, segment: segment.number)))
        }
        if stream.segments.count > 1 {
            try files.synchroniseDirectory(directory)
            try files.remove(mark)
        }
        synchroniseAtEnd(directory: directory)
        catalogue.update { contents in
            contents.groups[group]?.streams[number] = nil
            contents.groups[group]?.streamNumbers[ExactText(stream.name)] = nil
        }
    }
}

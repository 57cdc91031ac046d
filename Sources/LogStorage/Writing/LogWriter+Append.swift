import TimeSource

extension LogWriter {
    /// Where the next frame of a stream goes.
    private struct Place {
        var key: SegmentKey
        var offset: Int64
        /// Set when the segment has to be created with this header.
        var header: [UInt8]?
        var newSegment: SegmentState?
        var firstSequence: Int64
    }

    /// Appends one batch: all of its events or none.
    mutating func append(_ request: AppendRequest) {
        switch request.durability {
        case .flushed:
            perform(reply: request.reply) { writer throws(LogStoreError) in try writer.write(request) }
        case .buffered:
            let reply = request.reply
            if let fatalFailure { return reply(.failure(fatalFailure)) }
            do throws(LogStoreError) {
                reply(.success(try write(request)))
            } catch {
                reply(.failure(error))
            }
        }
    }

    private mutating func write(_ request: AppendRequest) throws(LogStoreError) -> LogAppendResult {
        let now = clock.now.milliseconds
        let numbers = try catalogue.access { contents throws(LogStoreError) in
            try contents.locate(request.stream, in: request.group)
        }
        if try isDuplicate(request, numbers) {
            // What was stored before may have been buffered then; this answer promises more.
            if request.durability == .flushed { synchroniseTail(of: numbers) }
            return .duplicate
        }
        guard !request.entries.isEmpty || request.source != nil else { return .appended }
        let place = place(of: numbers, now: now)
        let frame = EventBatch.encode(
            request.entries, firstSequence: place.firstSequence, ingestedAt: now, sourceEnd: request.source?.end)
        do throws(FileFailure) {
            try write(frame, at: place)
        } catch {
            throw error.asLogStoreError()
        }
        publish(request, frame: frame, at: place, now: now)
        if request.durability == .flushed { synchroniseAtEnd(segment: place.key) } else { markDirty(place.key) }
        return .appended
    }

    private func isDuplicate(
        _ request: AppendRequest, _ numbers: (group: Int, stream: Int)
    ) throws(LogStoreError) -> Bool {
        guard let source = request.source else { return false }
        let known = catalogue.update { $0.groups[numbers.group]?.streams[numbers.stream]?.sourceOffset } ?? 0
        if source.end <= known, source.start < known { return true }
        guard source.start == known, source.end >= source.start else {
            throw LogStoreError(
                .sourceOffsetMismatch, "log stream \(request.stream) holds its source up to \(known), not \(source.start)",
                expectedSourceOffset: known)
        }
        return false
    }

    private mutating func synchroniseTail(of numbers: (group: Int, stream: Int)) {
        let tail = catalogue.update { $0.groups[numbers.group]?.streams[numbers.stream]?.segments.last }
        guard let tail, tail.durableLength < tail.length else { return }
        synchroniseAtEnd(segment: SegmentKey(group: numbers.group, stream: numbers.stream, segment: tail.number))
    }

    /// The end of the last segment, or the start of a new one when that is full, old or sealed.
    private func place(of numbers: (group: Int, stream: Int), now: Int64) -> Place {
        catalogue.update { contents in
            guard let group = contents.groups[numbers.group], let stream = group.streams[numbers.stream], let last = stream.segments.last
            else { preconditionFailure("only this thread removes streams, and a stream has at least one segment") }
            let isOld =
                group.description.retentionInDays != nil
                && now - (last.firstIngestedAt ?? now) >= options.segmentAge.wholeMilliseconds
            var place = Place(
                key: SegmentKey(group: numbers.group, stream: numbers.stream, segment: last.number), offset: last.length,
                firstSequence: group.nextSequence)
            if last.length >= options.segmentSize || isOld || last.isSealed {
                let header = stream.header(for: last.number + 1).encoded()
                place.key.segment = last.number + 1
                place.offset = Int64(header.count)
                place.header = header
                place.newSegment = SegmentState(
                    number: last.number + 1, length: Int64(header.count), sourceOffset: stream.sourceOffset)
            }
            return place
        }
    }

    private mutating func write(_ frame: [UInt8], at place: Place) throws(FileFailure) {
        if let header = place.header {
            do throws(FileFailure) {
                let file = try file(of: place.key, create: true)
                try file.write(header + frame, at: 0)
            } catch {
                forget { $0 == place.key }
                try? files.remove(paths.segment(place.key))
                throw error
            }
            synchroniseAtEnd(directory: paths.directory(ofGroup: place.key.group))
            return
        }
        let file = try file(of: place.key)
        do throws(FileFailure) {
            try file.write(frame, at: place.offset)
        } catch {
            // Part of the frame may be there. Without it the next append would overwrite it anyway, but a shorter one would leave a rest.
            do throws(FileFailure) {
                try file.truncate(to: place.offset)
            } catch {
                seal(place.key)
            }
            throw error
        }
    }

    private func seal(_ key: SegmentKey) {
        catalogue.update { contents in
            guard let last = contents.groups[key.group]?.streams[key.stream]?.segments.indices.last else { return }
            contents.groups[key.group]?.streams[key.stream]?.segments[last].isSealed = true
        }
    }

    /// Makes the events visible and hands them to who follows the group live.
    private func publish(_ request: AppendRequest, frame: [UInt8], at place: Place, now: Int64) {
        guard let (_, content) = Frame.body(in: frame, at: 0), let batch = EventBatch(frame, content) else {
            preconditionFailure("the frame was made by this process")
        }
        let key = place.key
        let tails = catalogue.update { contents -> (subscribers: [TailSubscriber], identity: StreamIdentity?) in
            if let segment = place.newSegment { contents.groups[key.group]?.streams[key.stream]?.segments.append(segment) }
            guard let last = contents.groups[key.group]?.streams[key.stream]?.segments.indices.last else { return ([], nil) }
            contents.groups[key.group]?.streams[key.stream]?.segments[last].add(
                batch, frameLength: Int64(frame.count), indexInterval: options.indexInterval)
            contents.groups[key.group]?.nextSequence += Int64(batch.count)
            let subscribers = contents.groups[key.group].map { Array($0.tails.values) } ?? []
            return (subscribers, contents.groups[key.group]?.streams[key.stream]?.identity)
        }
        guard !tails.subscribers.isEmpty, let identity = tails.identity else { return }
        let events = request.entries.enumerated().map { index, entry in
            LogEvent(
                streamName: request.stream, timestamp: entry.timestamp, ingestedAt: Timestamp(milliseconds: now), message: entry.message,
                id: identity.eventID(timestamp: entry.timestamp.milliseconds, sequence: batch.firstSequence + Int64(index)))
        }
        for subscriber in tails.subscribers { subscriber.offer(events, from: request.stream) }
    }
}

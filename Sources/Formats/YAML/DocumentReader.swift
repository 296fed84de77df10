internal import JSON

/// Makes one document of events.
struct DocumentReader {
    private let events: EventReader
    private let tags: YAML.TagReader
    private var anchors: [String: (value: JSONValue, weight: Int)] = [:]
    /// Bytes and nodes so far, those of aliases counted each time.
    private var weight = 0

    init(_ events: EventReader, _ tags: @escaping YAML.TagReader) {
        self.events = events
        self.tags = tags
    }

    /// Nil at the end of the stream.
    mutating func next() throws(YAMLError) -> JSONValue? {
        while true {
            switch try events.next() {
            case .streamEnd: return nil
            case .documentStart:
                let value = try node(try events.next(), depth: 0)
                guard case .documentEnd = try events.next() else { throw error("more than one value in a document") }
                return value
            default: continue
            }
        }
    }

    private func error(_ reason: String, line: Int? = nil) -> YAMLError { YAMLError(reason: reason, line: line ?? events.line) }

    private mutating func add(_ more: Int) throws(YAMLError) {
        weight += more
        guard weight <= YAML.expandedLimit else { throw error("document contains excessive aliasing") }
    }

    private mutating func node(_ event: EventReader.Event, depth: Int) throws(YAMLError) -> JSONValue {
        guard depth <= YAML.depthLimit else { throw error("nested more than \(YAML.depthLimit) deep") }
        let before = weight
        let line = events.line
        try add(1)
        let anchor: String?, tag: String?
        var value: JSONValue
        switch event {
        case .alias(let name):
            guard let known = anchors[name] else { throw error("unknown anchor '\(name)' referenced") }
            try add(known.weight)
            return known.value
        case .scalar(let scalar):
            try add(scalar.text.utf8.count)
            anchor = scalar.anchor
            guard let resolved = CoreSchema.resolve(scalar) else { throw error("cannot read \(scalar.text.prefix(40).debugDescription) as \(scalar.tag ?? "")") }
            tag = CoreSchema.isStandard(scalar.tag) ? nil : scalar.tag
            value = resolved
        case .sequence(let name, let given):
            (anchor, tag) = (name, CoreSchema.isStandard(given) ? nil : given)
            value = .array(try sequence(depth))
        case .mapping(let name, let given):
            (anchor, tag) = (name, CoreSchema.isStandard(given) ? nil : given)
            value = .object(try mapping(depth))
        case .streamEnd, .documentStart, .documentEnd, .sequenceEnd, .mappingEnd: throw error("a value is missing")
        }
        if let tag {
            guard let read = tags(tag, value) else { throw error("unknown tag \(tag)", line: line) }
            value = read
        }
        if let anchor { anchors[anchor] = (value, weight - before) }
        return value
    }

    private mutating func sequence(_ depth: Int) throws(YAMLError) -> [JSONValue] {
        var elements: [JSONValue] = []
        while true {
            let event = try events.next()
            if case .sequenceEnd = event { return elements }
            elements.append(try node(event, depth: depth + 1))
        }
    }

    private mutating func mapping(_ depth: Int) throws(YAMLError) -> JSONObject {
        var object = JSONObject()
        var lines: [String: Int] = [:]
        var merged: [(value: JSONValue, line: Int)] = []
        while true {
            let event = try events.next()
            if case .mappingEnd = event { break }
            let line = events.line
            let key = try key(event)
            let value = try node(try events.next(), depth: depth + 1)
            if key.isMerge {
                merged.append((value, line))
                continue
            }
            if let first = lines[key.text] { throw error("mapping key \(key.text.debugDescription) already defined at line \(first)", line: line) }
            lines[key.text] = line
            object.append(key.text, value)
        }
        for (value, line) in merged {
            for source in value.array ?? [value] {
                guard let members = source.object?.members else { throw error("map merge requires map or sequence of maps as the value", line: line) }
                // What stands here, or was merged before, counts.
                for member in members where lines.updateValue(line, forKey: member.name) == nil { object.append(member.name, member.value) }
            }
        }
        return object
    }

    private mutating func key(_ event: EventReader.Event) throws(YAMLError) -> (text: String, isMerge: Bool) {
        switch event {
        case .scalar(let scalar):
            try add(1 + scalar.text.utf8.count)
            if let anchor = scalar.anchor { anchors[anchor] = (.string(scalar.text), scalar.text.utf8.count) }
            return (scalar.text, scalar.isPlain && scalar.text == "<<")
        case .alias(let name):
            guard let known = anchors[name] else { throw error("unknown anchor '\(name)' referenced") }
            guard let text = known.value.string else { throw error("a key must be text") }
            try add(known.weight)
            return (text, false)
        default: throw error("a key must be text")
        }
    }
}

internal import JSON

/// How what a later file says joins what is there, both canonical.
extension Canonical {
    func merge(_ base: JSONValue, _ over: JSONValue, as shape: Shape) -> JSONValue {
        // Null says nothing.
        if base.isNull { return over }
        if case .command = shape { return over }
        if over.isNull { return base }
        switch shape {
        case .list(_, let identity), .words(let identity), .shortList(_, _, let identity):
            guard let first = base.array, let second = over.array else { return over }
            return .array(unique(first + second, identity))
        case .map(let element, _): return members(base, over) { _ in element }
        // A name without a value is one that has the environment's.
        case .pairs: return members(base, over) { _ in .command }
        case .record(let record, _):
            if let name = record.discriminator, let first = base[name], let second = over[name], first != second { return over }
            return members(base, over) { record[$0] ?? .anything }
        case .short(_, let shape, _): return merge(base, over, as: shape)
        case .anything:
            if let first = base.array, let second = over.array { return .array(first + second) }
            return base.object != nil && over.object != nil ? members(base, over) { _ in .anything } : over
        default: return over
        }
    }

    private func members(_ base: JSONValue, _ over: JSONValue, _ shape: (String) -> Shape) -> JSONValue {
        guard var result = base.object, let other = over.object else { return over }
        for member in other.members {
            if let there = result[member.name] {
                result[member.name] = merge(there, member.value, as: shape(member.name))
            } else {
                result.append(member.name, member.value)
            }
        }
        return .object(result)
    }
}

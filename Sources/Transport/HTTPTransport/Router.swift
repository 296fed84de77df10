package import HTTP

/// One method and path pattern with the function that answers it.
package struct Route: Sendable {
    package typealias Action = @Sendable (Request) async throws -> Response

    let method: Method
    let pattern: PathPattern
    let action: Action

    /// Patterns: `/containers/{id}/start` captures one segment, `/images/{name:.*}/json` one or more.
    package init(_ method: Method, _ pattern: String, _ action: @escaping Action) {
        self.method = method
        self.pattern = PathPattern(pattern)
        self.action = action
    }
}

/// A path with captures, compared segment by segment.
struct PathPattern: Sendable {
    enum Segment: Sendable, Hashable {
        case literal(Substring)
        case capture(String)
    }

    /// What stands before the capture that may have slashes, and, when there is one, after it.
    private var head: [Segment] = []
    private var rest: (name: String, tail: [Segment])?

    init(_ text: String) {
        for part in text.split(separator: "/") {
            let segment: Segment
            if part.hasPrefix("{"), part.hasSuffix(":.*}") {
                precondition(rest == nil, "one capture with slashes a pattern")
                rest = (String(part.dropFirst().dropLast(4)), [])
                continue
            } else if part.hasPrefix("{"), part.hasSuffix("}") {
                segment = .capture(String(part.dropFirst().dropLast()))
            } else {
                segment = .literal(part)
            }
            if rest == nil { head.append(segment) } else { rest?.tail.append(segment) }
        }
    }

    func match(_ path: [Substring]) -> [String: String]? {
        var captures: [String: String] = [:]
        guard let rest else {
            return path.count == head.count && Self.match(head, path[...], &captures) ? captures : nil
        }
        guard path.count > head.count + rest.tail.count, Self.match(head, path.prefix(head.count), &captures),
            Self.match(rest.tail, path.suffix(rest.tail.count), &captures)
        else { return nil }
        captures[rest.name] = path[head.count..<(path.count - rest.tail.count)].joined(separator: "/")
        return captures
    }

    private static func match(_ segments: [Segment], _ path: ArraySlice<Substring>, _ captures: inout [String: String]) -> Bool {
        for (segment, part) in zip(segments, path) {
            switch segment {
            case .literal(let text): if text != part { return false }
            case .capture(let name):
                if part.isEmpty { return false }
                captures[name] = String(part)
            }
        }
        return true
    }
}

/// Finds the route of a request. The first that matches wins.
package struct Router: Sendable {
    private var routes: [Method: [Route]] = [:]

    package init(_ routes: [Route]) {
        for route in routes { self.routes[route.method, default: []].append(route) }
    }

    /// The action and what its pattern captured; nil when no route fits. A slash at the end of the path makes no difference.
    package func find(_ method: Method, _ path: String) -> (action: Route.Action, captures: [String: String])? {
        let segments = path.split(separator: "/")
        for route in routes[method] ?? [] {
            if let captures = route.pattern.match(segments) { return (route.action, captures) }
        }
        return nil
    }
}

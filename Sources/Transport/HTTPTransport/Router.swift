package import HTTP

/// One method and path pattern with the function that answers it.
///
/// A program makes all its routes at its start, for one request maybe, so that a pattern is looked into only when a path is compared with it.
package struct Route: Sendable {
    package typealias Action = @Sendable (Request) async throws -> Response

    package let method: Method
    package let pattern: String
    let action: Action

    /// Patterns: `/containers/{id}/start` captures one segment, `/images/{name:.*}/json` one or more.
    package init(_ method: Method, _ pattern: String, _ action: @escaping Action) {
        self.method = method
        self.pattern = pattern
        self.action = action
    }

    /// What the pattern captures of a path, given by its segments; nil when it does not fit.
    func match(_ path: [Substring]) -> [String: String]? {
        guard walk(path, { _, _ in }) else { return nil }
        var captures: [String: String] = [:]
        _ = walk(path) { name, segments in captures[name] = segments.dropFirst().reduce(into: String(segments.first ?? "")) { $0 += "/" + String($1) } }
        return captures
    }

    private func walk(_ path: [Substring], _ capture: (String, ArraySlice<Substring>) -> Void) -> Bool {
        var rest = pattern.utf8.dropFirst(), index = 0
        while !rest.isEmpty {
            let segment = rest.prefix { $0 != UInt8(ascii: "/") }
            rest = rest[segment.endIndex...].dropFirst()
            var end = index + 1
            if segment.first == UInt8(ascii: "{") {
                var name = segment.dropFirst().dropLast()
                if name.last == UInt8(ascii: "*") {
                    name = name.dropLast(3)
                    end = path.count - (rest.isEmpty ? 0 : rest.count { $0 == UInt8(ascii: "/") } + 1)
                }
                guard index < end, end <= path.count else { return false }
                capture(String(Substring(name)), path[index..<end])
            } else {
                guard index < path.count, path[index].utf8.elementsEqual(segment) else { return false }
            }
            index = end
        }
        return index == path.count
    }
}

/// Finds the route of a request. The first that matches wins.
package struct Router: Sendable {
    private let routes: [Route]

    package init(_ routes: [Route]) { self.routes = routes }

    /// The action and what its pattern captured; nil when no route fits. A slash at the end of the path makes no difference.
    package func find(_ method: Method, _ path: String) -> (action: Route.Action, captures: [String: String])? {
        let segments = path.split(separator: "/")
        for route in routes where route.method == method {
            if let captures = route.match(segments) { return (route.action, captures) }
        }
        return nil
    }
}

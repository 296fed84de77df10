package import DockerAPI

/// Which events a client asks for. Different names must all fit, of several values of one name any; what is unknown is refused.
package struct EventFilter: Sendable {
    private static let names: Set<String> = [
        "config", "container", "daemon", "event", "image", "label", "network", "node", "plugin", "scope", "secret", "service", "type", "volume",
    ]

    private let filters: Filters

    package init(_ filters: Filters) throws(Filters.Invalid) {
        try filters.validate(Self.names)
        self.filters = filters
    }

    package func matches(_ event: EventMessage) -> Bool {
        let attributes = event.actor.attributes
        return filters.matches("type", event.type) && filters.matches("scope", event.scope) && matches(action: event.action)
            && filters.matchesLabels(attributes)
            && matchesImage(event)
            && ["config", "container", "daemon", "network", "node", "plugin", "secret", "service", "volume"].allSatisfy { key in
                matches(key, [event.actor.id, attributes["name"] ?? ""])
            }
    }

    /// `exec_start` also fits `exec_start: sh`.
    private func matches(action: String) -> Bool {
        let first = action.prefix { $0 != ":" }
        return filters.matches("event", action) || filters["event"].contains { $0 == first }
    }

    /// An id or a name by its beginning, too, and whatever the event is about: so does Docker.
    private func matches(_ name: String, _ values: [String]) -> Bool {
        let wanted = filters[name]
        return wanted.isEmpty || wanted.contains { value in values.contains { !$0.isEmpty && ($0 == value || $0.hasPrefix(value)) } }
    }

    private func matchesImage(_ event: EventMessage) -> Bool {
        let wanted = filters["image"]
        if wanted.isEmpty { return true }
        let names = [event.type == "image" ? event.actor.id : "", event.actor.attributes[event.type == "image" ? "name" : "image"] ?? ""]
        return wanted.contains { value in names.contains { $0 == value || Self.withoutTag($0) == value } }
    }

    private static func withoutTag(_ name: String) -> String {
        guard let colon = name.lastIndex(of: ":"), !name[colon...].contains("/") else { return name }
        return String(name[..<colon])
    }
}

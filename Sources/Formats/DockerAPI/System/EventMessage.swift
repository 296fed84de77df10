package import JSON

/// The object that an event is about.
package struct EventActor: JSONRecord, Sendable, Hashable {
    package var id: String = ""
    package var attributes: [String: String] = [:]

    package init(id: String = "", attributes: [String: String] = [:]) {
        self.id = id
        self.attributes = attributes
    }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("ID", &id)
        try m("Attributes", &attributes)
    }
}

/// One line of GET /events. The first three fields are for old clients.
package struct EventMessage: JSONRecord, Sendable, Hashable {
    package var status: String = ""
    package var id: String = ""
    package var from: String = ""
    package var type: String = ""
    package var action: String = ""
    package var actor: EventActor = EventActor()
    package var scope: String = ""
    /// Seconds since 1970.
    package var time: Int = 0
    /// Nanoseconds since 1970.
    package var timeNano: Int = 0

    package init(
        status: String = "",
        id: String = "",
        from: String = "",
        type: String = "",
        action: String = "",
        actor: EventActor = EventActor(),
        scope: String = "",
        time: Int = 0,
        timeNano: Int = 0
    ) {
        self.status = status
        self.id = id
        self.from = from
        self.type = type
        self.action = action
        self.actor = actor
        self.scope = scope
        self.time = time
        self.timeNano = timeNano
    }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("status", &status, .unlessEmpty)
        try m("id", &id, .unlessEmpty)
        try m("from", &from, .unlessEmpty)
        try m("Type", &type)
        try m("Action", &action)
        try m("Actor", &actor)
        try m("scope", &scope, .unlessEmpty)
        try m("time", &time, .unlessEmpty)
        try m("timeNano", &timeNano, .unlessEmpty)
    }
}

/// The body of every answer with a status of 400 or more.
package struct ErrorResponse: JSONRecord, Sendable, Hashable {
    package var message: String = ""

    package init(message: String = "") {
        self.message = message
    }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("message", &message)
    }
}

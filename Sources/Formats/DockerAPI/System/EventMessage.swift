/// The object that an event is about.
package struct EventActor: Codable, Sendable, Hashable {
    package var id: String = ""
    package var attributes: [String: String] = [:]

    package init(id: String = "", attributes: [String: String] = [:]) {
        self.id = id
        self.attributes = attributes
    }

    private enum CodingKeys: String, CodingKey {
        case id = "ID"
        case attributes = "Attributes"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        id = try fields.value(.id)
        attributes = try fields.value(.attributes)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.put(id, .id)
        try fields.put(attributes, .attributes)
    }
}

/// One line of GET /events. The first three fields are for old clients.
package struct EventMessage: Codable, Sendable, Hashable {
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

    private enum CodingKeys: String, CodingKey {
        case status
        case id
        case from
        case type = "Type"
        case action = "Action"
        case actor = "Actor"
        case scope
        case time
        case timeNano
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        status = try fields.value(.status)
        id = try fields.value(.id)
        from = try fields.value(.from)
        type = try fields.value(.type)
        action = try fields.value(.action)
        actor = try fields.value(.actor)
        scope = try fields.value(.scope)
        time = try fields.value(.time)
        timeNano = try fields.value(.timeNano)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.putUnlessZero(status, .status)
        try fields.putUnlessZero(id, .id)
        try fields.putUnlessZero(from, .from)
        try fields.put(type, .type)
        try fields.put(action, .action)
        try fields.put(actor, .actor)
        try fields.putUnlessZero(scope, .scope)
        try fields.putUnlessZero(time, .time)
        try fields.putUnlessZero(timeNano, .timeNano)
    }
}

/// The body of every answer with a status of 400 or more.
package struct ErrorResponse: Codable, Sendable, Hashable {
    package var message: String = ""

    package init(message: String = "") {
        self.message = message
    }

    private enum CodingKeys: String, CodingKey {
        case message
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        message = try fields.value(.message)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.put(message, .message)
    }
}

extension EventActor: GoZero { package static var zero: Self { Self() } }
extension EventMessage: GoZero { package static var zero: Self { Self() } }
extension ErrorResponse: GoZero { package static var zero: Self { Self() } }

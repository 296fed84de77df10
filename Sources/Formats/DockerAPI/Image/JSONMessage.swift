/// How far a step has come, in bytes unless `units` says otherwise.
package struct JSONProgress: Codable, Sendable, Hashable {
    package var current: Int = 0
    package var total: Int = 0
    package var units: String = ""

    package init(current: Int = 0, total: Int = 0, units: String = "") {
        self.current = current
        self.total = total
        self.units = units
    }

    private enum CodingKeys: String, CodingKey {
        case current
        case total
        case units
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        current = try fields.value(.current)
        total = try fields.value(.total)
        units = try fields.value(.units)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.putUnlessZero(current, .current)
        try fields.putUnlessZero(total, .total)
        try fields.putUnlessZero(units, .units)
    }
}

/// The error that ends a stream of messages.
package struct JSONErrorDetail: Codable, Sendable, Hashable {
    package var code: Int = 0
    package var message: String = ""

    package init(code: Int = 0, message: String = "") {
        self.code = code
        self.message = message
    }

    private enum CodingKeys: String, CodingKey {
        case code
        case message
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        code = try fields.value(.code)
        message = try fields.value(.message)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.putUnlessZero(code, .code)
        try fields.putUnlessZero(message, .message)
    }
}

/// The machine-readable result of a build or load.
package struct JSONAux: Codable, Sendable, Hashable {
    package var id: String = ""
    package var tag: String = ""
    package var digest: String = ""
    package var size: Int = 0

    package init(id: String = "", tag: String = "", digest: String = "", size: Int = 0) {
        self.id = id
        self.tag = tag
        self.digest = digest
        self.size = size
    }

    private enum CodingKeys: String, CodingKey {
        case id = "ID"
        case tag = "Tag"
        case digest = "Digest"
        case size = "Size"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        id = try fields.value(.id)
        tag = try fields.value(.tag)
        digest = try fields.value(.digest)
        size = try fields.value(.size)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.putUnlessZero(id, .id)
        try fields.putUnlessZero(tag, .tag)
        try fields.putUnlessZero(digest, .digest)
        try fields.putUnlessZero(size, .size)
    }
}

/// One line of a pull, load, import, push or build: newline-separated JSON.
package struct JSONMessage: Codable, Sendable, Hashable {
    package var stream: String = ""
    package var status: String = ""
    package var progressDetail: JSONProgress?
    /// Ready-made text, for old clients.
    package var progress: String = ""
    /// The layer that a status is about.
    package var id: String = ""
    package var error: String = ""
    package var errorDetail: JSONErrorDetail?
    package var aux: JSONAux?

    package init(
        stream: String = "",
        status: String = "",
        progressDetail: JSONProgress? = nil,
        progress: String = "",
        id: String = "",
        error: String = "",
        errorDetail: JSONErrorDetail? = nil,
        aux: JSONAux? = nil
    ) {
        self.stream = stream
        self.status = status
        self.progressDetail = progressDetail
        self.progress = progress
        self.id = id
        self.error = error
        self.errorDetail = errorDetail
        self.aux = aux
    }

    private enum CodingKeys: String, CodingKey {
        case stream
        case status
        case progressDetail
        case progress
        case id
        case error
        case errorDetail
        case aux
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        stream = try fields.value(.stream)
        status = try fields.value(.status)
        progressDetail = try fields.optional(.progressDetail)
        progress = try fields.value(.progress)
        id = try fields.value(.id)
        error = try fields.value(.error)
        errorDetail = try fields.optional(.errorDetail)
        aux = try fields.optional(.aux)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.putUnlessZero(stream, .stream)
        try fields.putUnlessZero(status, .status)
        try fields.putUnlessEmpty(progressDetail, .progressDetail)
        try fields.putUnlessZero(progress, .progress)
        try fields.putUnlessZero(id, .id)
        try fields.putUnlessZero(error, .error)
        try fields.putUnlessEmpty(errorDetail, .errorDetail)
        try fields.putUnlessEmpty(aux, .aux)
    }
}

extension JSONProgress: GoZero { package static var zero: Self { Self() } }
extension JSONErrorDetail: GoZero { package static var zero: Self { Self() } }
extension JSONAux: GoZero { package static var zero: Self { Self() } }
extension JSONMessage: GoZero { package static var zero: Self { Self() } }

package import JSON

/// How far a step has come, in bytes unless `units` says otherwise.
package struct JSONProgress: JSONRecord, Sendable, Hashable {
    package var current: Int = 0
    package var total: Int = 0
    package var units: String = ""

    package init(current: Int = 0, total: Int = 0, units: String = "") {
        self.current = current
        self.total = total
        self.units = units
    }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("current", &current, .unlessEmpty)
        try m("total", &total, .unlessEmpty)
        try m("units", &units, .unlessEmpty)
    }
}

/// The error that ends a stream of messages.
package struct JSONErrorDetail: JSONRecord, Sendable, Hashable {
    package var code: Int = 0
    package var message: String = ""

    package init(code: Int = 0, message: String = "") {
        self.code = code
        self.message = message
    }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("code", &code, .unlessEmpty)
        try m("message", &message, .unlessEmpty)
    }
}

/// The machine-readable result of a build, load or push.
package struct JSONAux: JSONRecord, Sendable, Hashable {
    package var id: String = ""
    package var tag: String = ""
    package var digest: String = ""
    package var size: Int = 0
    /// A push could not send the index and sent one of its manifests.
    package var manifestPushedInsteadOfIndex = false
    package var originalIndex: OCIDescriptor?
    package var selectedManifest: OCIDescriptor?
    /// Davit's own: ids of the images that a build made, one for each platform in the order in which they were asked for.
    package var images: [String] = []

    package init(id: String = "", tag: String = "", digest: String = "", size: Int = 0) {
        self.id = id
        self.tag = tag
        self.digest = digest
        self.size = size
    }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("ID", &id, .unlessEmpty)
        try m("Tag", &tag, .unlessEmpty)
        try m("Digest", &digest, .unlessEmpty)
        try m("Size", &size, .unlessEmpty)
        try m("manifestPushedInsteadOfIndex", &manifestPushedInsteadOfIndex, .unlessEmpty)
        try m("originalIndex", &originalIndex, .unlessEmpty)
        try m("selectedManifest", &selectedManifest, .unlessEmpty)
        try m("images", &images, .unlessEmpty)
    }
}

/// One line of a pull, load, import, push or build: newline-separated JSON.
package struct JSONMessage: JSONRecord, Sendable, Hashable {
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
    /// Davit's own: what happens to a step of a build.
    package var step: BuildProgress?
    /// Davit's own: what is said of a Dockerfile.
    package var warning: BuildWarning?
    package var answer: BuildAnswer?

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

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("stream", &stream, .unlessEmpty)
        try m("status", &status, .unlessEmpty)
        try m("progressDetail", &progressDetail, .unlessEmpty)
        try m("progress", &progress, .unlessEmpty)
        try m("id", &id, .unlessEmpty)
        try m("error", &error, .unlessEmpty)
        try m("errorDetail", &errorDetail, .unlessEmpty)
        try m("aux", &aux, .unlessEmpty)
        try m("step", &step, .unlessEmpty)
        try m("warning", &warning, .unlessNil)
        try m("answer", &answer, .unlessNil)
    }
}

package import DockerAPI
internal import Images
internal import OCI
internal import Synchronization

/// A step as it is told of.
struct BuildStep: Sendable {
    /// In the whole build, from 1; and how many there are.
    var number: Int
    var total: Int
    /// Such as `build 2/3`: the stage, and its place among those of the stage that change files; nil for steps that do not.
    var place: String?
    /// The instruction as it is written.
    var text: String
}

/// Tells somebody how a build goes. May be called from several threads. Throws when nobody listens any more: the build ends then.
protocol BuildReport: Sendable {
    func begin(_ step: BuildStep) throws
    /// It was done before.
    func cached(_ step: BuildStep) throws
    /// A container runs for it.
    func running(_ step: BuildStep, container: String) throws
    func removed(_ step: BuildStep, container: String) throws
    func output(_ step: BuildStep, _ bytes: [UInt8], isError: Bool) throws
    func end(_ step: BuildStep, image: Digest?) throws
    func fail(_ step: BuildStep, _ reason: String, excerpt: String) throws
    /// What comes of fetching an image.
    func pulling(_ message: JSONMessage) throws
    /// A line that is about no step.
    func note(_ text: String) throws
    func warn(_ warning: BuildWarning) throws
    /// A stage has come to its end as this image.
    func finished(_ image: Digest) throws
    func succeeded(_ images: ImageSet, tags: [String]) throws
}

package typealias BuildSink = @Sendable (JSONMessage) throws -> Void

/// The words of Docker's own builder.
struct ClassicReport: BuildReport {
    let isQuiet: Bool
    let send: BuildSink

    private func say(_ text: String) throws { if !isQuiet { try send(JSONMessage(stream: text)) } }

    func begin(_ step: BuildStep) throws { try say("Step \(step.number)/\(step.total) : \(step.text)\n") }
    func cached(_ step: BuildStep) throws { try say(" ---> Using cache\n") }
    func running(_ step: BuildStep, container: String) throws { try say(" ---> Running in \(container.prefix(12))\n") }
    func removed(_ step: BuildStep, container: String) throws { try say(" ---> Removed intermediate container \(container.prefix(12))\n") }
    /// Errors are red, as Docker has them.
    func output(_ step: BuildStep, _ bytes: [UInt8], isError: Bool) throws {
        let text = String(decoding: bytes, as: UTF8.self)
        try say(isError ? "\u{1b}[91m\(text)\u{1b}[0m" : text)
    }
    func end(_ step: BuildStep, image: Digest?) throws { if let image { try say(" ---> \(image.short)\n") } }
    func fail(_ step: BuildStep, _ reason: String, excerpt: String) throws {}
    func pulling(_ message: JSONMessage) throws { if !isQuiet { try send(message) } }
    func note(_ text: String) throws { try say(text + "\n") }
    func warn(_ warning: BuildWarning) throws {}
    func finished(_ image: Digest) throws { try send(JSONMessage(aux: JSONAux(id: "\(image)"))) }

    func succeeded(_ images: ImageSet, tags: [String]) throws {
        if isQuiet { return try send(JSONMessage(stream: "\(images.id)\n")) }
        try say("Successfully built \(images.id.short)\n")
        for tag in tags { try say("Successfully tagged \(tag)\n") }
    }
}

/// Steps by number, for `davit build` to show as BuildKit's clients do.
final class StepReport: BuildReport {
    private let send: BuildSink
    /// The numbers that steps have for whoever looks, in the order in which they began.
    private let numbers = Mutex<[Int: Int]>([:])

    init(_ send: @escaping BuildSink) { self.send = send }

    private func number(_ step: BuildStep) -> Int {
        numbers.withLock { numbers in
            if let number = numbers[step.number] { return number }
            numbers[step.number] = numbers.count + 1
            return numbers.count
        }
    }

    private func tell(_ progress: BuildProgress) throws {
        var message = JSONMessage()
        message.step = progress
        try send(message)
    }

    func begin(_ step: BuildStep) throws {
        guard let place = step.place else { return }
        let text = step.text.split(separator: "\n", maxSplits: 1).first.map(String.init) ?? ""
        try tell(BuildProgress(number: number(step), name: place.isEmpty ? text : "[\(place)] \(text)"))
    }

    func cached(_ step: BuildStep) throws { if step.place != nil { try tell(BuildProgress(number: number(step), cached: true)) } }
    func running(_ step: BuildStep, container: String) throws {}
    func removed(_ step: BuildStep, container: String) throws {}
    func output(_ step: BuildStep, _ bytes: [UInt8], isError: Bool) throws {
        try tell(BuildProgress(number: number(step), log: String(decoding: bytes, as: UTF8.self), isError: isError))
    }
    func end(_ step: BuildStep, image: Digest?) throws { if step.place != nil { try tell(BuildProgress(number: number(step), done: true)) } }
    func fail(_ step: BuildStep, _ reason: String, excerpt: String) throws {
        if step.place != nil { try tell(BuildProgress(number: number(step), done: true, error: reason, excerpt: excerpt)) }
    }
    func pulling(_ message: JSONMessage) throws {}
    func note(_ text: String) throws { try send(JSONMessage(stream: text + "\n")) }
    func warn(_ warning: BuildWarning) throws {
        var message = JSONMessage()
        message.warning = warning
        try send(message)
    }
    func finished(_ image: Digest) throws {}
    func succeeded(_ images: ImageSet, tags: [String]) throws {
        var aux = JSONAux(id: "\(images.id)")
        aux.digest = "\(images.top.digest)"
        aux.images = images.images.map(\.description)
        try send(JSONMessage(aux: aux))
    }
}

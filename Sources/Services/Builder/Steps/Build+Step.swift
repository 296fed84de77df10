internal import AsyncIO
internal import Images
internal import Linux
internal import OCI
internal import Synchronization

extension Build {
    /// What a step comes to: what it was before, or what `make` makes of it now, over these layers. `isFresh`: only what this very build made
    /// counts. Of builds of this process that want the same at once one makes it, and the others have it from that.
    func step(
        _ key: Digest, over layers: [ImageLayer], _ description: String, isFresh: Bool, make: @escaping @Sendable () throws -> ImageLayer?
    ) async throws -> (step: BuiltStep, isCached: Bool) {
        try await builder.turns.take(key)
        defer { builder.turns.give(key) }
        if !isFresh || made.withLock({ $0.contains(key) }), let known = try await AsyncIO.offload({ [self] in try builder.images.builtStep(key) }) { return (known, true) }
        if !isFresh, let known = try await imported(key, over: layers, description) { return (known, true) }
        return try await AsyncIO.offload { [self] in
            let step = BuiltStep(key: key, parent: layers.last?.chainID.description ?? "", description: description, created: .now, layer: try make())
            Failpoint.hit(.buildAfterLayer)
            try builder.images.keep(step)
            Failpoint.hit(.buildAfterStep)
            _ = made.withLock { $0.insert(key) }
            return (step, false)
        }
    }
}

/// Turns at making steps, by their keys.
final class StepTurns: Sendable {
    /// Who waits for the one that has the turn.
    private let waiting = Mutex<[Digest: [AsyncStream<Void>.Continuation]]>([:])

    /// Waits until nobody else has it. Throws `CancellationError`.
    func take(_ key: Digest) async throws {
        while true {
            let (end, sender) = AsyncStream.makeStream(of: Void.self)
            let isFree = waiting.withLock { waiting in
                waiting[key]?.append(sender)
                if waiting[key] != nil { return false }
                waiting[key] = []
                return true
            }
            if isFree { return }
            for await _ in end {}
            try Task.checkCancellation()
        }
    }

    func give(_ key: Digest) {
        let others = waiting.withLock { $0.removeValue(forKey: key) ?? [] }
        for other in others { other.finish() }
    }
}

internal import Linux
internal import OCI
internal import Synchronization

/// Who pushes, as far as a request tells: user, address, program.
package struct Pusher: Sendable, Hashable {
    var text: String
    package init(_ text: String) { self.text = text }
}

/// What pushes under way count on: blobs and manifests that a client sent, mounted or was told to be here, and that no manifest
/// names yet. The garbage collection leaves them alone.
///
/// A push is over when a manifest came that leaves nothing of what its client touched in that repository unnamed; else its leases end
/// after `duration`. So deleting an image and collecting right afterwards frees its blobs, and a push that goes on loses none.
final class Leases: Sendable {
    /// How many are remembered, in all. Past that the collection deletes nothing until the oldest have run out.
    static let limit = 500_000

    private struct Push: Hashable {
        var repository: RepositoryName
        var pusher: Pusher
    }

    private struct Hold {
        var since: Duration
        /// A manifest of this push has named it.
        var isNamed = false
    }

    private struct State {
        var pushes: [Push: [Digest: Hold]] = [:]
        var count = 0
        /// How many pushes hold a blob, whatever the repository.
        var holders: [Digest: Int] = [:]
        var blindUntil: Duration?
        /// What deleted manifests named: nobody before this process waits for it.
        var freed: Set<Digest> = []
        /// While a collection runs: everything that was held when it began or touched since, ended pushes included.
        var touched: Set<Digest>?
    }

    private let state = Mutex(State())
    private let duration: Duration

    init(duration: Duration) { self.duration = duration }

    /// The client will count on this being here.
    func touch(_ digest: Digest, in repository: RepositoryName, by pusher: Pusher) {
        let now = MonotonicClock.now
        state.withLock { state in
            state.touched?.insert(digest)
            state.freed.remove(digest)
            let push = Push(repository: repository, pusher: pusher)
            if state.pushes[push]?[digest] == nil {
                if state.count >= Self.limit { return state.blindUntil = now + duration }
                state.count += 1
                state.holders[digest, default: 0] += 1
            }
            state.pushes[push, default: [:]][digest] = Hold(since: now)
        }
    }

    /// A manifest came and names these.
    func settle(_ named: some Sequence<Digest>, in repository: RepositoryName, by pusher: Pusher) {
        state.withLock { state in
            let push = Push(repository: repository, pusher: pusher)
            for digest in named { state.pushes[push]?[digest]?.isNamed = true }
            Self.endIfNamed(push, &state)
        }
    }

    /// It was deleted by somebody's wish: nobody counts on it any more.
    func release(_ digest: Digest, in repository: RepositoryName) {
        state.withLock { state in
            for push in state.pushes.keys where push.repository == repository && state.pushes[push]?[digest] != nil {
                Self.end(push, [digest], &state)
                Self.endIfNamed(push, &state)
            }
        }
    }

    /// A manifest that named these was deleted by somebody's wish.
    func free(_ digests: some Sequence<Digest>) {
        state.withLock { state in if state.freed.count < Self.limit { state.freed.formUnion(digests) } }
    }

    func isFreed(_ digest: Digest) -> Bool { state.withLock { $0.freed.contains(digest) } }

    private static func endIfNamed(_ push: Push, _ state: inout State) {
        guard let held = state.pushes[push], held.values.allSatisfy(\.isNamed) else { return }
        end(push, held.keys, &state)
    }

    private static func end(_ push: Push, _ digests: some Sequence<Digest>, _ state: inout State) {
        for digest in Array(digests) {
            state.pushes[push]?[digest] = nil
            state.count -= 1
            if let holders = state.holders[digest], holders > 1 { state.holders[digest] = holders - 1 } else { state.holders[digest] = nil }
        }
        if state.pushes[push]?.isEmpty == true { state.pushes[push] = nil }
    }

    /// Some push counts on it, or may.
    func holds(_ digest: Digest) -> Bool {
        state.withLock { state in state.holders[digest] != nil || state.touched?.contains(digest) == true || state.blindUntil != nil }
    }

    /// From now on everything held or touched stays so until `endCollection`: what a push writes may come after it was looked for, and the push end
    /// before it is decided on. Leases that ran out are dropped first.
    func beginCollection() {
        let now = MonotonicClock.now
        state.withLock { state in
            for (push, held) in state.pushes { Self.end(push, held.filter { now - $0.value.since > duration }.keys, &state) }
            if let until = state.blindUntil, until < now { state.blindUntil = nil }
            state.touched = Set(state.holders.keys)
        }
    }

    func endCollection() { state.withLock { $0.touched = nil } }
}

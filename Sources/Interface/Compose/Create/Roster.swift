internal import Synchronization

/// The project's containers while they are being changed.
final class Roster: Sendable {
    private struct State {
        var containers: [ProjectContainer]
        var recreated: Set<String> = []
    }
    private let state: Mutex<State>

    init(_ containers: [ProjectContainer]) { state = Mutex(State(containers: containers)) }

    func containers(of service: String) -> [ProjectContainer] { state.withLock { $0.containers.filter { $0.service == service } } }

    /// The one with the lowest number.
    func first(of service: String) -> ProjectContainer? { containers(of: service).min { $0.number < $1.number } }

    func add(_ container: ProjectContainer) { state.withLock { $0.containers.append(container) } }

    func replace(_ old: ProjectContainer, with new: ProjectContainer?) {
        state.withLock { state in
            state.containers.removeAll { $0.id == old.id }
            if let new { state.containers.append(new) }
        }
    }

    func setRecreated(_ service: String) { state.withLock { _ = $0.recreated.insert(service) } }
    func isRecreated(_ service: String) -> Bool { state.withLock { $0.recreated.contains(service) } }
}
